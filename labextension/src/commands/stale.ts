/** Which cells have to run so that nothing is stale. Pure. */
import type { CellState } from '../pipeline/model';

export interface CellAt {
  id: string;
  /** Whether it has run in this kernel. */
  ran: boolean;
}

const BAD = new Set(['failed', 'cancelled', 'lost']);

/** Tell whether a step has to run again. */
export function isStale(state: CellState): boolean {
  const { part, run } = state;
  return part.plan !== 'hit' || (run !== null && BAD.has(run.state) && run.id !== part.last?.id);
}

/**
 * Return the cells to run, in their order: the steps that are not sure to hit, and above the last of them what this kernel
 * has not run yet, since they may read what it binds. Steps that hit cost next to nothing.
 */
export function cellsToRun(cells: readonly CellAt[], state: (id: string) => CellState | null): string[] {
  const wanted = new Set(cells.filter(({ id }) => needed(state(id))).map(({ id }) => id));
  const last = cells.reduce((found, { id }, index) => (wanted.has(id) ? index : found), -1);
  return cells.filter(({ id, ran }, index) => wanted.has(id) || (index < last && !ran)).map(({ id }) => id);
}

function needed(state: CellState | null): boolean {
  return state !== null && state.run?.state !== 'setup' && isStale(state);
}
