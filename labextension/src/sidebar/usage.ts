/** What a step used over time, as curves beside what it asked for. Knows no widget. */
import type { Measurement, Sample, StepRun } from '../api/types';
import { bytes } from './bytes';

/** One curve: seconds since the first sample, and what was used then. */
export interface Curve {
  kind: 'cpu' | 'memory' | 'gpu' | 'gpu_memory';
  points: Measurement[];
  /** What was asked for; null where nothing was. */
  asked: number | null;
  /** The most that was used; null where nothing is known. */
  peak: number | null;
}

type Numbers = Record<string, number | null | undefined>;

/** Return the curves of a step: those of GPUs only where it asked for one or used one. */
export function curvesOf(samples: Sample[], told: Pick<StepRun, 'asked' | 'used'>): Curve[] {
  const [asked, used] = [told.asked as Numbers, told.used as Numbers];
  const curve = (kind: Curve['kind'], limit: number | null, known: number | null): Curve => {
    const points = samples.filter(sample => sample[kind] !== null).map(sample => ({ step: sample.at - samples[0].at, value: sample[kind], time: sample.at }));
    const most = points.map(({ value }) => value ?? 0).concat(known ?? []);
    return { kind, points, asked: limit, peak: most.length > 0 ? Math.max(...most) : null };
  };
  const found = [curve('cpu', asked['cpu'] ?? null, null), curve('memory', asked['memory'] ?? null, used['memory'] ?? null)];
  if (asked['gpu'] || samples.some(({ gpu }) => gpu !== null)) {
    found.push(curve('gpu', asked['gpu'] ?? null, used['gpu'] ?? null), curve('gpu_memory', null, used['gpu_memory'] ?? null));
  }
  return found;
}

/** Say an amount of one kind: `2.1 GB`, `0.8`. */
export function amount(kind: Curve['kind'], value: number | null): string {
  if (value === null) {
    return '–';
  }
  return kind === 'memory' || kind === 'gpu_memory' ? bytes(value) : Number(value.toFixed(value < 10 ? 2 : 0)).toString();
}

/** Say an amount of money: two digits of what is small. */
export function money(value: number, currency: string): string {
  const said = value >= 0.995 ? value.toFixed(2) : value === 0 ? '0' : value < 0.0001 ? '< 0.0001' : Number(value.toPrecision(2)).toString();
  return currency ? `${said} ${currency}` : said;
}
