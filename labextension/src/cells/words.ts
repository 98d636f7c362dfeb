/** From what is known of a step to what its badge says. Pure: times and words of the language come in. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Reason } from '../api/client';
import { briefly } from '../api/reasons';
import type { CellState } from '../pipeline/model';
import { age, elapsed, lasting } from './durations';

export type Kind =
  | 'hit'
  | 'would-hit'
  | 'succeeded'
  | 'running'
  | 'queued'
  | 'stale-code'
  | 'stale-data'
  | 'stale-environment'
  | 'stale'
  | 'never'
  | 'failed'
  | 'cancelled'
  | 'setup'
  | 'problem'
  | 'unknown';

/** What the page itself knows of a cell that it has handed to the kernel: until the server says more, this is shown. */
export interface Handed {
  /** Seconds since 1970. */
  since: number;
  /** The StepRun that was the cell's latest then. */
  before: string;
  /** The cell's neighbour that runs first; empty where nothing does. */
  behind: string;
}

export interface Words {
  kind: Kind;
  text: string;
  /** The tooltip, line by line. */
  lines: string[];
  /** From 0 to 1 where it is known. */
  done: number | null;
  /** Whether the text changes with every second. */
  ticks: boolean;
  /** About how long it takes where it is yet to run or runs: `~12 s`; else empty, and where that is not known. */
  expected: string;
}

/** Of these, nothing is to come. */
const OVER = new Set<Kind>(['hit', 'would-hit', 'succeeded', 'setup', 'problem']);

export interface Around {
  /** Seconds since 1970. */
  now: number;
  handed: Handed | null;
  showSaved: boolean;
  /** Why the server has no plan; else empty. */
  error: string;
  reason?: Reason;
}

/** Return what the badge of a step says; `state` is null where the server knows nothing of the cell yet. */
export function wordsOf(state: CellState | null, around: Around, trans: TranslationBundle): Words {
  const { handed, now } = around;
  const run = state?.run ?? null;
  const lines = [state === null ? trans.__('Step') : trans.__('Step %1', state.name)];
  const said = (kind: Kind, text: string, ...more: (string | null | undefined)[]): Words => ({
    kind,
    text,
    lines: [...lines, ...more.filter((line): line is string => !!line)],
    done: null,
    ticks: false,
    expected: state?.part.seconds && !OVER.has(kind) ? `~${lasting(state.part.seconds)}` : ''
  });
  if (handed !== null && (run === null || run.id === handed.before)) {
    return handed.behind
      ? said('queued', trans.__('queued behind %1', handed.behind))
      : { ...said('running', trans.__('running · %1', elapsed(now - handed.since)), expected(state, trans)), ticks: true };
  }
  if (state === null) {
    const text = around.error ? trans.__('not planned: %1', briefly(around.reason ?? 'refused', trans)) : trans.__('planning…');
    return said('unknown', text, around.error);
  }
  // what has ended since it was planned is told as it ended: the new plan is on its way
  const part = run === null || state.part.last?.id === run.id ? state.part : { ...state.part, plan: 'unknown', why: [], problem: '' };
  if (run !== null && (run.state === 'running' || run.state === 'retrying')) {
    return { ...runs(state, now, trans, said), ticks: true };
  }
  if (run !== null && (run.state === 'pending' || run.state === 'queued')) {
    const text = run.state === 'queued' ? trans.__('queued for %1', place(run.executor, trans)) : trans.__('starting');
    return said('queued', text, run.why);
  }
  if (part.problem) {
    return said('problem', trans.__('mistake in its line'), part.problem);
  }
  if (run !== null && (run.state === 'failed' || run.state === 'lost')) {
    const reason = run.error || (run.state === 'lost' ? run.why : '');
    const word = run.state === 'failed' ? trans.__('failed') : trans.__('lost');
    return said('failed', reason ? `${word} · ${shortened(reason)}` : word, reason, ...part.why);
  }
  if (run?.state === 'cancelled') {
    return said('cancelled', trans.__('cancelled'), ...part.why);
  }
  if (part.plan === 'run') {
    return stale(state, trans, said);
  }
  if (run?.state === 'setup') {
    return said('setup', trans.__('setup: always runs'), run.why);
  }
  if (state.behind) {
    return said('unknown', trans.__('unsure: needs %1', state.behind), ...part.why);
  }
  const ended = run?.ended ?? run?.started ?? now;
  const saved = around.showSaved && (part.saves ?? run?.seconds ?? 0) > 0 ? lasting(part.saves ?? run?.seconds ?? 0) : '';
  if (part.plan === 'hit' && run === null) {
    return said('would-hit', saved ? trans.__('would hit · saves %1', saved) : trans.__('would hit'), ...part.why);
  }
  const unsure = part.plan === 'unknown' ? part.why : [];
  if (run === null) {
    return said('unknown', trans.__('unknown'), ...unsure);
  }
  if (run.state === 'hit') {
    const old = age(now - made(run, ended), trans);
    return said('hit', saved ? trans.__('hit · %1, saved %2', old, saved) : trans.__('hit · %1', old), run.why, ...unsure);
  }
  const took = lasting(run.seconds || ended - run.started);
  return said('succeeded', trans.__('done in %1 · %2', took, age(now - ended, trans)), run.why, ...unsure);
}

type Said = (kind: Kind, text: string, ...more: (string | null | undefined)[]) => Words;

function runs(state: CellState, now: number, trans: TranslationBundle, said: Said): Words {
  const { run, progress } = state;
  const so = elapsed(now - (run?.started ?? now));
  const text = run?.state === 'retrying' ? trans.__('trying again · %1', so) : trans.__('running · %1', so);
  if (progress === null) {
    return said('running', text, run?.why, expected(state, trans));
  }
  const { done, total } = progress;
  const share = total ? Math.min(1, Math.max(0, done / total)) : null;
  const count = total ? `${Math.floor((share ?? 0) * 100)} %` : String(done);
  return { ...said('running', `${text} · ${count}`, progress.text, run?.why, expected(state, trans)), done: share };
}

function stale(state: CellState, trans: TranslationBundle, said: Said): Words {
  const { part, run } = state;
  const more = [...part.why, expected(state, trans)];
  switch (part.stale) {
    case 'code':
      return said('stale-code', trans.__('stale: code changed'), ...more);
    case 'data':
      return said('stale-data', trans.__('stale: data changed'), ...more);
    case 'environment':
      return said('stale-environment', trans.__('stale: environment changed'), ...more);
    case 'never':
      return said('never', trans.__('not run yet'), ...more);
    default:
      if (run?.state === 'succeeded' || run?.state === 'hit') {
        const took = lasting(run.seconds || (run.ended ?? run.started) - run.started);
        return said('stale', trans.__('done in %1 · would run again', took), ...more);
      }
      return said('stale', part.why[0] ? trans.__('will run: %1', shortened(part.why[0])) : trans.__('will run'), ...more);
  }
}

function expected(state: CellState | null, trans: TranslationBundle): string {
  const seconds = state?.part.seconds;
  return seconds ? trans.__('It took %1 before.', lasting(seconds)) : '';
}

/** When the result of a hit was made; with servers that do not say, when it was used. */
function made(run: NonNullable<CellState['run']>, ended: number): number {
  return (run as { made?: number | null }).made ?? ended;
}

function place(executor: string, trans: TranslationBundle): string {
  return executor && executor !== 'inline' ? executor : trans.__('the kernel');
}

function shortened(text: string): string {
  const line = text.split('\n', 1)[0];
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
}
