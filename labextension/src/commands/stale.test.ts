import { expect, test } from 'vitest';

import type { CellState } from '../pipeline/model';
import { cellsToRun } from './stale';

const state = (plan: string, run = 'succeeded'): CellState =>
  ({ name: 'x', part: { plan, last: { id: '1' } }, run: { id: '1', state: run }, progress: null }) as unknown as CellState;

function toRun(states: Record<string, CellState | null>, ran: string[]): string[] {
  const cells = Object.keys(states).map(id => ({ id, ran: ran.includes(id) }));
  return cellsToRun(cells, id => states[id]);
}

test('where nothing is stale nothing is run', () => {
  expect(toRun({ a: state('hit'), b: null }, [])).toEqual([]);
});

test('stale steps are run, and above them what this kernel has not run', () => {
  const states = { plain: null, load: state('hit'), fit: state('run'), text: null, report: state('unknown'), end: null };
  expect(toRun(states, [])).toEqual(['plain', 'load', 'fit', 'text', 'report']);
  expect(toRun(states, ['plain', 'load', 'fit', 'text', 'report'])).toEqual(['fit', 'report']);
});

test('setup alone is no reason to run', () => {
  expect(toRun({ a: state('unknown', 'setup'), b: state('hit') }, [])).toEqual([]);
});
