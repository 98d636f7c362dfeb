import { expect, test } from 'vitest';

import { valueOf } from './values';

test.each([
  ['3', 3],
  ['-1_000', -1000],
  ['0.5', 0.5],
  ['1e-3', 0.001],
  ['True', true],
  ['None', null],
  ['[1, 2]', [1, 2]],
  ["['a', None]", ['a', null]],
  ['{"a": 1}', { a: 1 }],
  ['"text"', 'text'],
  ["'text'", 'text'],
  ['data/a.csv', 'data/a.csv'],
  ['[not a list', '[not a list'],
  ['12345678901234567890', 12345678901234567000]
])('%s is the value %j', (text, value) => {
  expect(valueOf(text)).toEqual(value);
});
