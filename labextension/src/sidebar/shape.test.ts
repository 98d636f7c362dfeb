import { describe, expect, it } from 'vitest';

import type { Node, Pipeline } from '../api/types';
import { columnOf } from './column';
import { layoutOf } from './layout';
import { rowsOf } from './rows';
import { shapeOf, type Shape } from './shape';
import { walk } from './walk';

const ALL = { variables: false, files: false, parameters: false };

function pipeline(edges: [string, string, ...string[]][], names = [...new Set(edges.flatMap(([a, b]) => [a, b]))]): Pipeline {
  const steps = names.map(name => ({ name, parts: [], inputs: [], reads: [], writes: [], options: {}, executor: 'inline', setup: false, last: null }) as unknown as Node);
  const flows = edges.map(([source, target, ...variables]) => ({ source, target, variables: variables.map(name => ({ name, version: '', type: '', bytes: 0, preview: '' })) }));
  return { notebook: 'n', path: 'n.ipynb', steps, edges: flows, parameters: [], problems: [] };
}

/** A thousand steps, each of which reads one or two of the twenty before it. */
function large(): Shape {
  const edges: [string, string, string][] = [];
  let seed = 7;
  const random = (): number => (seed = (seed * 16807) % 2147483647) / 2147483647;
  for (let at = 1; at < 1000; at++) {
    const from = new Set([0, 1].slice(0, random() < 0.5 ? 1 : 2).map(() => Math.max(0, at - 1 - Math.floor(random() * 20))));
    from.forEach(source => edges.push([`s${source}`, `s${at}`, 'x']));
  }
  return shapeOf(pipeline(edges), ALL, new Set());
}

const DIAMOND = pipeline([['load', 'left', 'a'], ['load', 'right', 'a'], ['left', 'join', 'b'], ['right', 'join', 'c']]);

describe('shapeOf', () => {
  it('has values between their steps, where they are asked for', () => {
    const shape = shapeOf(DIAMOND, { ...ALL, variables: true }, new Set());
    expect(shape.nodes.filter(({ kind }) => kind === 'variable').map(({ variable }) => variable?.name)).toEqual(['a', 'b', 'c']);
    expect(shape.edges).toHaveLength(7);
  });

  it('hides all that leads to a collapsed step alone, and says how much', () => {
    const shape = shapeOf(DIAMOND, ALL, new Set(['step:join']));
    expect(shape.nodes.map(({ id, hidden }) => [id, hidden])).toEqual([['step:join', 3]]);
    const half = shapeOf(DIAMOND, ALL, new Set(['step:left']));
    expect(half.nodes).toHaveLength(4); // `load` leads to `right`, too
  });
});

describe.each([
  ['dagre', layoutOf],
  ['rows', rowsOf],
  ['a column', (shape: Shape) => columnOf(shape, 300).boxes]
])('the layout by %s', (_, layout) => {
  it('draws each node below those that it reads, and none over another', () => {
    const shape = shapeOf(DIAMOND, ALL, new Set());
    const boxes = layout(shape);
    for (const { source, target } of shape.edges) {
      const [above, below] = [boxes.get(source), boxes.get(target)];
      expect(above && below && above.y + above.height < below.y).toBe(true);
    }
    const all = [...boxes.values()];
    for (const a of all) {
      expect(all.filter(b => a !== b && a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height)).toEqual([]);
    }
  });
});

describe('a thousand steps', () => {
  it.each([
    ['rows', rowsOf],
    ['a column', (shape: Shape) => columnOf(shape, 300).boxes]
  ])('are laid out by %s within a second', (_, layout) => {
    const shape = large();
    const before = performance.now();
    expect(layout(shape).size).toBe(1000);
    expect(performance.now() - before).toBeLessThan(1000);
  });
});

describe('walk', () => {
  const shape = shapeOf(DIAMOND, ALL, new Set());
  const boxes = layoutOf(shape);
  it('begins at the top, follows edges up and down, and goes along a row', () => {
    expect(walk(shape, boxes, null, 'ArrowDown')).toBe('step:load');
    const down = walk(shape, boxes, 'step:load', 'ArrowDown') as string;
    expect(['step:left', 'step:right']).toContain(down);
    expect(walk(shape, boxes, down, 'ArrowUp')).toBe('step:load');
    const [first, second] = ['step:left', 'step:right'].sort((a, b) => (boxes.get(a)?.x ?? 0) - (boxes.get(b)?.x ?? 0));
    expect(walk(shape, boxes, first, 'ArrowRight')).toBe(second);
    expect(walk(shape, boxes, first, 'ArrowLeft')).toBe(first);
    expect(walk(shape, boxes, 'step:join', 'ArrowDown')).toBe('step:join');
  });
});
