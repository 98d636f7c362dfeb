/** How the steps of a notebook stand, counted. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';

import { isStale } from '../commands/stale';
import type { CellState } from '../pipeline/model';

const GOING_ON = new Set(['pending', 'queued', 'running', 'retrying']);

/** Say it in a few words: `2 running · 1 stale · 3 not run yet`; empty where there are no steps. */
export function summary(states: readonly CellState[], trans: TranslationBundle): string {
  if (!states.length) {
    return '';
  }
  const running = states.filter(({ run }) => run !== null && GOING_ON.has(run.state));
  const failed = states.filter(({ run }) => run?.state === 'failed' || run?.state === 'lost');
  const rest = states.filter(state => !running.includes(state) && !failed.includes(state));
  const due = rest.filter(({ part, run }) => part.plan === 'run' && run?.state !== 'setup' && isStale({ part, run } as CellState));
  const never = due.filter(({ part, run }) => part.stale === 'never' && run === null);
  const stale = due.length - never.length;
  const said = [
    running.length ? trans.__('%1 running', running.length) : '',
    failed.length ? trans.__('%1 failed', failed.length) : '',
    stale ? trans.__('%1 stale', stale) : '',
    never.length ? trans.__('%1 not run yet', never.length) : ''
  ].filter(Boolean);
  return said.join(' · ') || trans._n('%1 step up to date', '%1 steps up to date', states.length);
}
