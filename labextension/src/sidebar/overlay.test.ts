import { expect, test, vi } from 'vitest';

vi.hoisted(() => (globalThis.matchMedia = (() => ({ addEventListener: () => undefined, matches: false })) as unknown as typeof matchMedia));

import type { Measurement } from '../api/types';
import { joined } from './overlay';

const at = (step: number | null, value: number | null): Measurement => ({ step, value, time: 0 });

test('two series share an axis, also where one is shorter, unordered, or has no steps', () => {
  const [places, a, b] = joined([at(2, 0.5), at(0, 1)], [at(null, 3), at(null, 4), at(null, 5)]);
  expect([...places]).toEqual([0, 1, 2]);
  expect([a[0], a[1] ?? null, a[2]]).toEqual([1, null, 0.5]);
  expect([...b]).toEqual([3, 4, 5]);
});
