/** The layout of a large pipeline: rows by the longest way to a node, linear in its size where dagre takes many seconds. Pure. */
import { Box, SIZES } from './layout';
import type { Shape, ShapeNode } from './shape';

const GAP = { x: 24, y: 44 };
const ROUNDS = 6;

/** Return each node's box by id, as `layoutOf` does: what flows, flows downwards, and neighbours stand near each other. */
export function rowsOf(shape: Shape): Map<string, Box> {
  const before = new Map<string, string[]>(shape.nodes.map(({ id }) => [id, []]));
  const after = new Map<string, string[]>(shape.nodes.map(({ id }) => [id, []]));
  for (const { source, target } of shape.edges) {
    before.get(target)?.push(source);
    after.get(source)?.push(target);
  }
  const rows = ranked(shape, before, after);
  const order = new Map<string, number>();
  const number = (row: ShapeNode[]): void => row.forEach(({ id }, at) => order.set(id, at - row.length / 2));
  rows.forEach(number);
  for (let round = 0; round < ROUNDS; round++) {
    const [near, walked] = round % 2 === 0 ? [before, rows] : [after, [...rows].reverse()];
    for (const row of walked) {
      const wish = new Map(row.map(({ id }) => [id, mean(near.get(id) ?? [], order) ?? order.get(id) ?? 0]));
      row.sort((a, b) => (wish.get(a.id) ?? 0) - (wish.get(b.id) ?? 0));
      number(row);
    }
  }
  return placed(rows);
}

function placed(rows: ShapeNode[][]): Map<string, Box> {
  const boxes = new Map<string, Box>();
  const { width, height } = SIZES.step;
  rows.forEach((row, level) => {
    row.forEach(({ id, kind }, at) => {
      const size = SIZES[kind];
      const x = (at - row.length / 2) * (width + GAP.x) + (width - size.width) / 2;
      boxes.set(id, { x, y: level * (height + GAP.y) + (height - size.height) / 2, ...size });
    });
  });
  return boxes;
}

/** Return the nodes by how many others lead to them at most; what goes round in a circle stands where it was reached. */
function ranked(shape: Shape, before: Map<string, string[]>, after: Map<string, string[]>): ShapeNode[][] {
  const rank = new Map<string, number>();
  const left = new Map([...before].map(([id, ids]) => [id, ids.length]));
  const open = shape.nodes.map(({ id }) => id).filter(id => left.get(id) === 0);
  for (let at = 0; at < open.length; at++) {
    for (const id of after.get(open[at]) ?? []) {
      rank.set(id, Math.max(rank.get(id) ?? 0, (rank.get(open[at]) ?? 0) + 1));
      left.set(id, (left.get(id) ?? 1) - 1);
      if (left.get(id) === 0) {
        open.push(id);
      }
    }
  }
  const rows: ShapeNode[][] = [];
  for (const node of shape.nodes) {
    const at = rank.get(node.id) ?? 0;
    (rows[at] = rows[at] ?? []).push(node);
  }
  return rows.filter(row => row !== undefined);
}

function mean(ids: string[], order: Map<string, number>): number | null {
  return ids.length === 0 ? null : ids.reduce((sum, id) => sum + (order.get(id) ?? 0), 0) / ids.length;
}
