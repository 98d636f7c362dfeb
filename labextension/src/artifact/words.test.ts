import { expect, test } from 'vitest';

import { best, bytes, fitting, shortly, told } from './words';

test('values are told in a dozen characters', () => {
  expect(shortly(0.123456)).toBe('0.1235');
  expect(shortly(1234567)).toBe('1,234,567');
  expect(shortly(1.5e-7)).toBe('1.50e-7');
  expect(shortly('a'.repeat(40))).toHaveLength(16);
  expect(shortly(false)).toBe('false');
});

test('cells fit, and say when nothing is there', () => {
  expect([fitting(5.004765876904312), fitting(12), fitting(null), fitting('x'), fitting(true)]).toEqual(['5.0047659', '12', '—', 'x', 'true']);
  expect(told('pandas.DataFrame 3 × 2', 'pandas.DataFrame')).toBe('3 × 2');
  expect(told("'text'", 'str')).toBe("'text'");
});

test('sizes have units', () => {
  expect(bytes(12)).toBe('12 B');
  expect(bytes(1024 * 1024 * 1.5)).toBe('1.50 MiB');
});

test('a figure is drawn by plotly where it can be, and HTML only where nothing else is there', () => {
  const types = ['text/plain', 'text/html', 'application/vnd.plotly.v1+json'];
  expect(best(types, () => true)).toBe('application/vnd.plotly.v1+json');
  expect(best(types, () => false)).toBe('text/html');
  expect(best(['text/html', 'image/png'], () => true)).toBe('image/png');
  expect(best(['text/plain'], () => true)).toBe('text/plain');
  expect(best([], () => true)).toBeNull();
});
