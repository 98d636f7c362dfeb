import { expect, test } from 'vitest';

import { isStep, stepLine, withLine, withoutLine } from './marks';
import { firstBinding, lineName, namesOf, newName } from './naming';
import { toggled } from './toggling';

const plain = (source: string, metadata: Record<string, unknown> = {}) => ({ source, metadata });

test('a cell becomes a step named after what it binds first, and a cell again', () => {
  const cell = plain('model = fit(x)\nmodel');
  const step = toggled(cell, new Set());
  expect(step.source).toBe('%%step model\nmodel = fit(x)\nmodel');
  expect(toggled(step, new Set()).source).toBe(cell.source);
});

test('options come back with the step', () => {
  const step = plain('%%step "my model" gpu=1 files={paths}  memory=16Gi\nmodel = 1');
  const off = toggled(step, new Set());
  expect(off.source).toBe('model = 1');
  expect(toggled(off, new Set())).toEqual(step);
});

test('a tagged cell loses its tag and nothing else, and gets it back', () => {
  const step = plain('x = 1', { tags: ['a', 'step:load'], steppe: { gpu: 1 } });
  const off = toggled(step, new Set());
  expect(off).toEqual(plain('x = 1', { tags: ['a'], steppe: { gpu: 1, name: 'load', step: false } }));
  expect(isStep(off)).toBe(false);
  expect(toggled(off, new Set())).toEqual(step);
  const bare = plain('x = 1', { tags: ['step'] });
  expect(toggled(toggled(bare, new Set()), new Set())).toEqual(bare);
});

test('names are unique in the notebook', () => {
  const cells = [plain('%%step model gpu=1\n'), plain('y', { tags: ['step:model_2'] }), plain('%%step gpu=1\nz = 1')];
  expect(namesOf(cells)).toEqual(new Set(['model', 'model_2']));
  expect(newName('model = 1', namesOf(cells))).toBe('model_3');
  expect(newName('print(1)', new Set())).toBe('step');
});

test.each([
  ['# x = 1\n"""\ny = 2\n"""\nz = 3', 'z'],
  ['f(a=1,\n  b=2)\nresult = f(\n  c=3)', 'result'],
  ['%matplotlib inline\n!pip = 1\na, b = 1, 2', 'a'],
  ['if x == 1:\n    pass\nt: int = 3', 't'],
  ['def run(x=1):\n    y = 2', 'run'],
  ['@cached\nasync def go(): pass', 'go'],
  ['with open("f") as file:\n  pass', 'file'],
  ['for i in range(3): pass', 'i'],
  ['df["x"] = 1\nn += 1', 'n'],
  ['from a.b import c', 'c'],
  ['import numpy as np', 'np'],
  ['if (n := 3): pass', 'n'],
  ['größe = 1', 'größe'],
  ['print(1)', '']
])('the first binding of %j is %j', (source, name) => {
  expect(firstBinding(source)).toBe(name);
});

test('lines are taken as the kernel takes them', () => {
  expect(stepLine('%%step')).toBe('');
  expect(stepLine('\n  %%step  a gpu=1 \nx')).toBe('a gpu=1');
  expect(stepLine('%%stepper a')).toBeNull();
  expect(stepLine('x\n%%step a')).toBeNull();
  expect(withoutLine('%%step a\nx')).toBe('x');
  expect(stepLine('#@title Form\n%%step a\nx')).toBe('a');
  expect(withLine('#@title Form\n%%step a\nx', 'b')).toBe('#@title Form\n%%step b\nx');
  expect(withLine('%%step a\nx', 'b cpu=2')).toBe('%%step b cpu=2\nx');
  expect([lineName("'a b' gpu=1"), lineName('gpu=1'), lineName('a gpu=1'), lineName('')]).toEqual(['a b', '', 'a', '']);
});
