import { expect, test, vi } from 'vitest';

import type { Query } from '../api/client';
import { PAGE, Rows, WIDTH } from './rows';

/** A table of `total` rows whose cells tell their place; the first answers may be others. */
function table(total: number, first: unknown[] = []): { rows: Rows; asked: Query[] } {
  const asked: Query[] = [];
  const get = async (_: string, query: Query) => {
    asked.push(query);
    const answer = first.shift();
    if (answer instanceof Error) {
      throw answer;
    }
    const offset = Number(query['offset']);
    const rows = Array.from({ length: Math.min(PAGE, total - offset) }, (_, at) =>
      Array.from({ length: WIDTH }, (_, column) => `${offset + at}/${Number(query['left']) + column}`)
    );
    const columns = Array.from({ length: 60 }, (_, at) => ({ name: `c${at}`, type: 'int64' }));
    return answer ?? { columns, rows, offset, left: query['left'], total, shown: total, sorting: false };
  };
  const send = async (method: string, route: string, _: unknown, query: Query) => void asked.push({ method, route, ...query });
  return { rows: new Rows({ get, send } as never, 'artifacts/b3:1', 'book.ipynb'), asked };
}

test('pages come when they are needed, once', async () => {
  const { rows, asked } = table(1000);
  rows.need(95, 105, 0, 5);
  rows.need(95, 105, 0, 5);
  expect(rows.cell(99, 3)).toBeUndefined();
  await vi.waitFor(() => expect(rows.cell(104, 3)).toBe('104/3'));
  rows.need(95, 105, 0, 5);
  expect(asked.map(query => query['offset'])).toEqual([0, 100]);
  rows.need(0, 1, 24, 26);
  await vi.waitFor(() => expect(rows.cell(0, 25)).toBe('0/25'));
});

test('a click sorts up, down, and not at all', async () => {
  const { rows, asked } = table(10);
  rows.turn(2);
  rows.need(0, 1, 0, 1);
  rows.turn(2);
  rows.need(0, 1, 0, 1);
  rows.turn(2);
  rows.need(0, 1, 0, 1);
  await vi.waitFor(() => expect(rows.cell(0, 0)).toBe('0/0'));
  expect(asked.map(query => [query['sort'], query['descending']])).toEqual([
    [2, null],
    [2, true],
    [null, null]
  ]);
});

test('while an order is computed the page is asked for again', async () => {
  vi.useFakeTimers();
  const wait = { columns: [], rows: [], offset: 0, left: 0, total: 10, shown: 10, sorting: true };
  const { rows, asked } = table(10, [wait, wait]);
  rows.turn(0);
  rows.need(0, 1, 0, 1);
  await vi.advanceTimersByTimeAsync(100);
  expect(rows.sorting).toBe(true);
  await vi.advanceTimersByTimeAsync(5000);
  expect(rows.sorting).toBe(false);
  expect(asked.length).toBe(3);
  vi.useRealTimers();
});

test('what the server refuses is told, and may be tried again', async () => {
  const { rows } = table(10, [new Error('its bytes are damaged.')]);
  rows.need(0, 1, 0, 1);
  await vi.waitFor(() => expect(rows.error).toBe('its bytes are damaged.'));
  rows.retry();
  rows.need(0, 1, 0, 1);
  await vi.waitFor(() => expect(rows.cell(0, 0)).toBe('0/0'));
  expect(rows.error).toBe('');
});

test('only so many pages are kept', async () => {
  const { rows } = table(1_000_000);
  for (let page = 0; page < 200; page++) {
    rows.need(page * PAGE, page * PAGE + 1, 0, 1);
  }
  await vi.waitFor(() => expect(rows.cell(199 * PAGE, 0)).toBeDefined());
  expect(rows.cell(0, 0)).toBeUndefined();
});

test('the first rows are there while the order is made, and how far it is is followed', async () => {
  vi.useFakeTimers();
  const making = (progress: number | null): unknown => ({ columns: [], rows: [['a']], offset: 0, left: 0, total: 10, shown: 10, sorting: true, progress });
  const { rows, asked } = table(10, [making(0.1), making(0.6), making(null)]);
  rows.turn(0);
  rows.need(0, 1, 0, 1);
  await vi.advanceTimersByTimeAsync(1);
  expect([rows.cell(0, 0), rows.sorting, rows.making]).toEqual(['a', false, 0.1]);
  await vi.advanceTimersByTimeAsync(700);
  expect(rows.making).toBe(0.6);
  await vi.advanceTimersByTimeAsync(700);
  expect(rows.making).toBe(0.6);
  await vi.advanceTimersByTimeAsync(700);
  expect(rows.making).toBeNull();
  expect(asked.map(query => query['limit'])).toEqual([PAGE, 1, 1, 1]);
  vi.useRealTimers();
});

test('an order that is being made is given up, and the rows come as they stand', async () => {
  vi.useFakeTimers();
  const making = { columns: [], rows: [], offset: 0, left: 0, total: 10, shown: 10, sorting: true, progress: 0.5 };
  const { rows, asked } = table(10, [making]);
  rows.turn(3);
  rows.need(0, 1, 0, 1);
  await vi.advanceTimersByTimeAsync(1);
  expect([rows.sorting, rows.making]).toEqual([true, 0.5]);
  void rows.stop();
  rows.need(0, 1, 0, 1);
  await vi.advanceTimersByTimeAsync(5000);
  expect([rows.sorting, rows.making, rows.sort, rows.cell(0, 0)]).toEqual([false, null, null, '0/0']);
  expect(asked[1]).toMatchObject({ method: 'DELETE', route: 'artifacts/b3:1/table', sort: 3 });
  expect(asked).toHaveLength(3);
  vi.useRealTimers();
});
