import { nullTranslator } from '@jupyterlab/translation';
import { expect, it } from 'vitest';

import type { CellState } from '../pipeline/model';
import { summary } from './counts';

const trans = nullTranslator.load('steppe');
const state = (plan: string, stale = '', run: string | null = null): CellState =>
  ({ part: { plan, stale, last: null }, run: run === null ? null : { id: '1', state: run } }) as unknown as CellState;

it('counts what runs, has failed, is stale and has never run apart', () => {
  const never = state('run', 'never');
  expect(summary([], trans)).toBe('');
  expect(summary([never, never], trans)).toBe('2 not run yet');
  expect(summary([never, state('run', 'code', 'succeeded'), state('run', 'data'), state('hit', '', 'running'), state('run', 'never', 'failed')], trans)).toBe(
    '1 running · 1 failed · 2 stale · 1 not run yet'
  );
  expect(summary([state('hit'), state('hit', '', 'succeeded')], trans)).toBe('2 steps up to date');
});
