import { expect, test } from 'vitest';

import type { Pipeline } from '../api/types';
import { json, mermaid, pathFor } from './export';

const pipeline = {
  notebook: 'n',
  path: 'a.ipynb',
  steps: [{ name: 'load "all"' }, { name: 'fit' }],
  edges: [{ source: 'load "all"', target: 'fit', variables: [{ name: 'x' }, { name: 'y' }] }],
  parameters: [],
  problems: []
} as unknown as Pipeline;

test('a pipeline is a flow chart', () => {
  expect(mermaid(pipeline)).toBe('flowchart TD\n  s0["load &quot;all&quot;"]\n  s1["fit"]\n  s0 -->|"x, y"| s1\n');
});

test('a pipeline is JSON', () => {
  expect(JSON.parse(json(pipeline))).toEqual(pipeline);
});

test('nothing is overwritten', () => {
  expect(pathFor('a/b.ipynb', 'mmd', new Set())).toBe('a/b.pipeline.mmd');
  expect(pathFor('a/b.ipynb', 'mmd', new Set(['b.pipeline.mmd', 'b.pipeline-2.mmd']))).toBe('a/b.pipeline-3.mmd');
});
