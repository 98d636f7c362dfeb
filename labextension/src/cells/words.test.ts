import { nullTranslator } from '@jupyterlab/translation';
import { expect, test } from 'vitest';

import type { Part, StepRunBrief } from '../api/types';
import type { CellState, Progress } from '../pipeline/model';
import { age, elapsed, lasting } from './durations';
import { Around, Handed, Words, wordsOf } from './words';

const trans = nullTranslator.load('steppe');
const NOW = 1_000_000;

function run(state: string, more: Partial<StepRunBrief> = {}): StepRunBrief {
  const ended = ['hit', 'succeeded', 'failed', 'cancelled', 'lost', 'setup'].includes(state) ? NOW - 3 * 3600 : null;
  return { id: '1', run: 'r', notebook: 'n', name: 'train', part: 0, cell: 'c', state, executor: 'inline', why: 'because', started: NOW - 65, ended, seconds: 12, key: null, error: '', ...more } as StepRunBrief;
}

function said(
  last: StepRunBrief | null,
  part: Partial<Part> = {},
  more: { live?: StepRunBrief; handed?: Handed; progress?: Progress; around?: Partial<Around>; behind?: string } = {}
): Words {
  const whole = { cell: 'c', part: 0, plan: 'hit', why: ['lr was 1, is 2'], stale: '', seconds: 12, saves: 12, last, problem: '', ...part } as Part;
  const state: CellState = { name: 'train', part: whole, run: more.live ?? last, progress: more.progress ?? null, behind: more.behind ?? '' };
  return wordsOf(state, { now: NOW, handed: more.handed ?? null, showSaved: true, error: '', ...more.around }, trans);
}

test('a hit says how old its result is and what it has saved', () => {
  expect(said(run('hit'))).toMatchObject({ kind: 'hit', text: 'hit · 3 h old, saved 12 s', ticks: false });
  expect(said(run('hit', { ended: NOW - 5, made: NOW - 7200 } as Partial<StepRunBrief>)).text).toBe('hit · 2 h old, saved 12 s');
  expect(said(run('hit'), {}, { around: { showSaved: false } }).text).toBe('hit · 3 h old');
});

test('a running step says for how long, how far it is where that is known, and ticks', () => {
  expect(said(run('running'))).toMatchObject({ kind: 'running', text: 'running · 1:05', ticks: true, done: null });
  expect(said(run('running'), {}, { progress: { done: 1, total: 4, text: 'epoch 1' } })).toMatchObject({ text: 'running · 1:05 · 25 %', done: 0.25 });
  expect(said(run('running'), {}, { progress: { done: 7, total: null, text: '' } })).toMatchObject({ text: 'running · 1:05 · 7', done: null });
});

test('what is yet to run or runs says how long it took before, what has ended does not', () => {
  expect(said(null, { plan: 'run', stale: 'code' }).expected).toBe('~12 s');
  expect(said(run('running')).expected).toBe('~12 s');
  expect(said(null, { plan: 'run', stale: 'never', seconds: null }).expected).toBe('');
  expect(said(run('hit')).expected).toBe('');
  expect(said(run('succeeded')).expected).toBe('');
});

test('a step whose input is about to change is unsure, whatever became of it last', () => {
  const part = { plan: 'unknown', why: ['`model` comes from `train`, which runs'] } as Partial<Part>;
  expect(said(run('hit'), part, { behind: 'train' })).toMatchObject({ kind: 'unknown', text: 'unsure: needs train' });
  expect(said(run('hit'), part).kind).toBe('hit');
});

test('without a plan a badge says why', () => {
  const words = (error: string, reason: 'absent' | 'refused'): Words =>
    wordsOf(null, { now: NOW, handed: null, showSaved: true, error, reason }, trans);
  expect(words('start it', 'absent')).toMatchObject({ text: 'not planned: Steppe’s server extension is not running', lines: ['Step', 'start it'] });
  expect(words('', 'refused').text).toBe('planning…');
});

test('a queued step says what for', () => {
  expect(said(run('queued', { executor: 'kubernetes' }))).toMatchObject({ kind: 'queued', text: 'queued for kubernetes' });
});

test('what is stale says what has changed, and each kind is another', () => {
  const kinds = (['code', 'data', 'environment', 'never', 'other'] as const).map(stale => said(run('succeeded'), { plan: 'run', stale }));
  expect(kinds.map(words => words.kind)).toEqual(['stale-code', 'stale-data', 'stale-environment', 'never', 'stale']);
  expect(kinds[0].text).toBe('stale: code changed');
  expect(kinds[0].lines).toContain('lr was 1, is 2');
});

test('a failed step says its first line, a mistake in the line comes before what was planned', () => {
  expect(said(run('failed', { error: 'ValueError: no' }), { plan: 'run', stale: 'never' })).toMatchObject({ kind: 'failed', text: 'failed · ValueError: no' });
  expect(said(null, { plan: 'unknown', problem: '%%step: no option gpus' })).toMatchObject({ kind: 'problem' });
});

test('a step without a run would hit, or nothing is known', () => {
  expect(said(null)).toMatchObject({ kind: 'would-hit', text: 'would hit · saves 12 s' });
  expect(said(null, { plan: 'unknown', saves: null })).toMatchObject({ kind: 'unknown' });
  expect(wordsOf(null, { now: NOW, handed: null, showSaved: true, error: 'no server' }, trans)).toMatchObject({ kind: 'unknown', lines: ['Step', 'no server'] });
});

test('what was handed to the kernel runs or waits until the server says more', () => {
  const handed = { since: NOW - 2, before: '1', behind: '' };
  expect(said(run('succeeded'), {}, { handed })).toMatchObject({ kind: 'running', text: 'running · 2 s' });
  expect(said(run('succeeded'), {}, { handed, live: run('hit', { id: '2' }) }).kind).toBe('hit');
  expect(said(run('succeeded'), { plan: 'run', stale: 'code' }, { live: run('succeeded', { id: '2' }) }).kind).toBe('succeeded');
  expect(said(run('succeeded'), {}, { handed: { ...handed, behind: 'load' } })).toMatchObject({ kind: 'queued', text: 'queued behind load' });
});

test('times are as long as they need to be', () => {
  expect([0.5, 3, 59, 61, 7300, 200_000].map(seconds => age(seconds, trans))).toEqual(['new', '3 s old', '59 s old', '1 min old', '2 h old', '2 d old']);
  expect([0.0001, 0.25, 3.21, 12.3, 89, 300, 9000].map(lasting)).toEqual(['1 ms', '250 ms', '3.2 s', '12 s', '89 s', '5 min', '2 h 30 min']);
  expect([0, 59.9, 65, 3700].map(elapsed)).toEqual(['0 s', '59 s', '1:05', '1:01:40']);
});
