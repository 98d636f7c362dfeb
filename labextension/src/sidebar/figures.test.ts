import { expect, test, vi } from 'vitest';

vi.mock('../artifact/content', () => ({ Drawn: () => null })); // it loads all of JupyterLab's renderers

import { paired } from './figures';

const figure = (name: string): { name: string; version: string; data: Record<string, never> } => ({ name, version: '', data: {} });
const named = (one: string[], other: string[]): (string | null)[][] =>
  paired(one.map(figure), other.map(figure)).map(row => row.map(each => each?.name ?? null));

test('figures are paired by name, those without one by their order, and what only one run has stands alone', () => {
  expect(named(['loss', 'map'], ['map', 'loss'])).toEqual([['loss', 'loss'], ['map', 'map']]);
  expect(named(['', ''], ['', '', ''])).toEqual([['', ''], ['', ''], [null, '']]);
  expect(named(['loss'], [])).toEqual([['loss', null]]);
  expect(named(['accuracy 0.91'], ['accuracy 0.93'])).toEqual([['accuracy 0.91', 'accuracy 0.93']]);
});
