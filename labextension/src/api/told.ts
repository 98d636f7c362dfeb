/** Single words of the server's, in the reader's language: how something stands, and what kind of thing it is. */
import type { TranslationBundle } from '@jupyterlab/translation';

/** Return a word in the reader's language; one that is not known stays as it is. */
export function told(word: string, trans: TranslationBundle): string {
  return words(trans)[word] ?? word;
}

function words(trans: TranslationBundle): Partial<Record<string, string>> {
  return {
    // states of StepRuns, attempts and runs
    pending: trans.__('pending'),
    hit: trans.__('hit'),
    queued: trans.__('queued'),
    running: trans.__('running'),
    retrying: trans.__('retrying'),
    succeeded: trans.__('succeeded'),
    failed: trans.__('failed'),
    cancelled: trans.__('cancelled'),
    lost: trans.__('lost'),
    setup: trans.__('setup'),
    // and of due times
    waiting: trans.__('waiting'),
    started: trans.__('started'),
    skipped: trans.__('skipped'),
    // what a key is made of
    code: trans.__('code'),
    function: trans.__('function'),
    class: trans.__('class'),
    module: trans.__('module'),
    input: trans.__('input'),
    sharing: trans.__('sharing'),
    global: trans.__('global'),
    ambient: trans.__('ambient state'),
    option: trans.__('option'),
    package: trans.__('package'),
    python: trans.__('Python'),
    source: trans.__('source'),
    // what a step was seen to read
    file: trans.__('file'),
    listing: trans.__('listing'),
    glob: trans.__('pattern of names'),
    absent: trans.__('absent'),
    variable: trans.__('variable'),
    random: trans.__('random numbers'),
    // nodes of the graph
    step: trans.__('step'),
    parameter: trans.__('parameter')
  };
}
