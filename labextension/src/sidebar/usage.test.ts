import { describe, expect, it } from 'vitest';

import type { Sample } from '../api/types';
import { amount, curvesOf, money } from './usage';

const sample = (at: number, cpu: number | null, memory: number, gpu: number | null = null): Sample => ({ at, cpu, memory, gpu, gpu_memory: gpu === null ? null : gpu * 1e9 });

describe('curvesOf', () => {
  it('begins at nought, leaves out what is not known, and has what was asked for beside the peak', () => {
    const samples = [sample(100, null, 5e6), sample(101, 0.5, 9e6), sample(103, 1.5, 7e6)];
    const [cpu, memory, ...others] = curvesOf(samples, { asked: { cpu: 2, memory: 8e6 }, used: { memory: 1e7 } });
    expect(cpu.points.map(({ step, value }) => [step, value])).toEqual([[1, 0.5], [3, 1.5]]);
    expect([cpu.asked, cpu.peak]).toEqual([2, 1.5]);
    expect(memory.points).toHaveLength(3);
    expect([memory.asked, memory.peak]).toEqual([8e6, 1e7]); // what the system counted was more than any sample saw
    expect(others).toEqual([]);
  });

  it('has GPUs where one was asked for or used', () => {
    expect(curvesOf([], { asked: { gpu: 1 }, used: {} }).map(({ kind, peak }) => [kind, peak])).toEqual([['cpu', null], ['memory', null], ['gpu', null], ['gpu_memory', null]]);
    expect(curvesOf([sample(1, null, 1, 0.8)], { asked: {}, used: {} })[3]).toMatchObject({ kind: 'gpu_memory', peak: 8e8 });
  });
});

it('says amounts in their units', () => {
  expect([amount('cpu', 1.234), amount('cpu', 12.6), amount('memory', 2.14e9), amount('gpu', null)]).toEqual(['1.23', '13', '2.1 GB', '–']);
  expect([money(12.345, 'EUR'), money(0.01234, ''), money(0, 'USD'), money(1e-9, 'USD')]).toEqual(['12.35 EUR', '0.012', '0 USD', '< 0.0001 USD']);
});
