import { nullTranslator } from '@jupyterlab/translation';
import { expect, it, test } from 'vitest';

import type { Schedule } from '../api/types';
import { ahead, askedOf, clock, fieldsOf, problemsOf } from './asked';

const trans = nullTranslator.load('steppe');
const KEPT = { name: 'weekly', cron: '0 6 * * 1', zone: 'Asia/Tokyo', parameters: { day: '{scheduled}' }, catchup: 'all', parallel: 2, retries: 3, retry_wait: 90, jitter: 0, late: 900, alerts: 2 } as unknown as Schedule;

it('asks for a new schedule with what was given, minutes as seconds, and no parameter that was left empty', () => {
  const fields = { ...fieldsOf('train', null), parameters: { day: ' {scheduled} ', lr: '' }, wait: '0.5', slack: 'https://a/b, http://c' };
  expect(askedOf(fields, 'book/train.ipynb')).toEqual({
    path: 'book/train.ipynb', name: 'train', cron: '0 6 * * 1', zone: '', parameters: { day: '{scheduled}' }, catchup: 'latest',
    parallel: 1, retries: 0, retry_wait: 30, jitter: 0, late: 900, webhooks: [], slack: ['https://a/b', 'http://c']
  });
  expect(problemsOf(fields, trans)).toEqual({});
});

it('changes a schedule without its name, and leaves addresses alone that it was never told', () => {
  const asked = askedOf(fieldsOf('', KEPT), null);
  expect(asked).toEqual({ cron: '0 6 * * 1', zone: 'Asia/Tokyo', parameters: { day: '{scheduled}' }, catchup: 'all', parallel: 2, retries: 3, retry_wait: 90, jitter: 0, late: 900 });
  expect(askedOf({ ...fieldsOf('', KEPT), keep: false }, null)).toMatchObject({ webhooks: [], slack: [] });
});

test.each([
  ['name', 'a/b', 'letters'],
  ['name', '', 'letters'],
  ['parallel', '0', 'whole number from 1'],
  ['parallel', '1.5', 'whole number from 1'],
  ['retries', '', 'whole number from 0'],
  ['wait', 'soon', 'minutes'],
  ['late', '-1', 'minutes'],
  ['webhooks', 'https://a/b ftp://c', 'ftp://c is no address']
])('says of %s %j what is wrong', (field, value, said) => {
  const found = problemsOf({ ...fieldsOf('train', null), [field]: value }, trans);
  expect(Object.keys(found)).toEqual([field]);
  expect(Object.values(found)[0]).toContain(said);
});

it('writes times as the clocks of their zone show them, with seconds where there are any', () => {
  expect(clock('2026-05-04T06:00:00+09:00', 'en-GB')).toBe('Mon, 4 May 2026, 06:00');
  expect(clock('2026-05-04T06:00:07+09:00', 'en-GB')).toBe('Mon, 4 May 2026, 06:00:07');
  expect(clock('soon')).toBe('soon');
});

test.each([
  ['2026-05-04T06:00:00+00:00', 'now'],
  ['2026-05-04T06:01:10+00:00', 'in 1 minute'],
  ['2026-05-04T08:00:00+00:00', 'in 2 hours'],
  ['2026-05-11T06:00:00+00:00', 'in 7 days']
])('says how far ahead %s is', (time, said) => {
  expect(ahead(time, Date.parse('2026-05-04T06:00:00Z') / 1000, trans)).toBe(said);
});
