import { expect, test } from 'vitest';

import { firstRow, lastFirst, moved, scrollTop, spaceOf, TALLEST } from './scrolling';

const LONG = { total: 50_000_000, row: 24, view: 480 };
const SHORT = { total: 30, row: 24, view: 480 };

test('the end of a table of any length can be reached', () => {
  expect(spaceOf(LONG)).toBe(TALLEST);
  expect(firstRow(spaceOf(LONG) - LONG.view, LONG)).toBe(50_000_000 - 20);
  expect(firstRow(spaceOf(SHORT) - SHORT.view, SHORT)).toBe(10);
  expect(firstRow(0, LONG)).toBe(0);
});

test('the scroll bar and the first row agree', () => {
  for (const first of [0, 1, 7, 25_000_000, lastFirst(LONG)]) {
    expect(firstRow(scrollTop(first, LONG), LONG)).toBe(first);
  }
});

test('a table that is all seen does not scroll', () => {
  const few = { total: 3, row: 24, view: 480 };
  expect(firstRow(100, few)).toBe(0);
  expect(scrollTop(2, few)).toBe(0);
});

test('keys lead to every corner and not beyond', () => {
  const start = { row: 0, column: 0 };
  expect(moved(start, 'End', true, LONG, 6)).toEqual({ row: 49_999_999, column: 5 });
  expect(moved(start, 'ArrowUp', false, LONG, 6)).toEqual({ row: -1, column: 0 });
  expect(moved({ row: -1, column: 0 }, 'ArrowUp', false, LONG, 6)).toEqual({ row: -1, column: 0 });
  expect(moved(start, 'ArrowLeft', false, LONG, 6)).toEqual(start);
  expect(moved(start, 'PageDown', false, SHORT, 6)).toEqual({ row: 20, column: 0 });
  expect(moved({ row: 25, column: 0 }, 'PageDown', false, SHORT, 6)).toEqual({ row: 29, column: 0 });
  expect(moved(start, 'x', false, SHORT, 6)).toBeNull();
});
