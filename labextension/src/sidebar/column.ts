/** The layout of a narrow side bar: one column in the notebook's order, edges as arcs beside it. Pure. */
import type { Box } from './layout';
import type { Shape } from './shape';

export const GAP = 26;
const LANE = 8;
const MOST_LANES = 9;
const HEIGHTS = { step: 50, variable: 28, file: 28, parameter: 28 } as const;

export interface Column {
  boxes: Map<string, Box>;
  /** How far to the left of the column each edge's arc goes, by the edge's id. */
  reach: Map<string, number>;
  /** The width of all arcs. */
  margin: number;
}

/** Return the boxes of a column of some width, arcs included. */
export function columnOf(shape: Shape, width: number): Column {
  const order = inOrder(shape);
  const place = new Map(order.map((id, number) => [id, number]));
  const lanes = lanesOf(shape, place);
  const margin = LANE * (Math.max(0, ...lanes.values()) + 1) + 6;
  const kinds = new Map(shape.nodes.map(({ id, kind }) => [id, kind]));
  const boxes = new Map<string, Box>();
  let y = GAP;
  for (const id of order) {
    const height = HEIGHTS[kinds.get(id) ?? 'step'];
    boxes.set(id, { x: margin, y, width: Math.max(120, width - margin), height });
    y += height + GAP;
  }
  return { boxes, reach: new Map([...lanes].map(([id, lane]) => [id, LANE * (lane + 1)])), margin };
}

/** Return the nodes so that what flows, flows downwards, and otherwise as they are in the notebook. */
export function inOrder(shape: Shape): string[] {
  const number = new Map(shape.nodes.map(({ id }, index) => [id, index]));
  const rank = (id: string): number => {
    const node = shape.nodes[number.get(id) as number];
    if (node.kind === 'step') {
      return number.get(id) as number;
    }
    const after = shape.edges.filter(edge => edge.target === id && number.has(edge.source)).map(edge => number.get(edge.source) as number);
    const before = shape.edges.filter(edge => edge.source === id && number.has(edge.target)).map(edge => number.get(edge.target) as number);
    return after.length > 0 ? Math.max(...after) + 0.5 : Math.min(shape.nodes.length, ...before) - 0.5;
  };
  const ranks = new Map(shape.nodes.map(({ id }) => [id, rank(id)]));
  return shape.nodes.map(({ id }) => id).sort((a, b) => (ranks.get(a) as number) - (ranks.get(b) as number));
}

/** Give each edge a lane, shorter ones nearer; those of one source may share one. */
function lanesOf(shape: Shape, place: ReadonlyMap<string, number>): Map<string, number> {
  const spans = shape.edges.map(edge => {
    const [a, b] = [place.get(edge.source) ?? 0, place.get(edge.target) ?? 0];
    return { id: edge.id, source: edge.source, from: Math.min(a, b), to: Math.max(a, b) };
  });
  spans.sort((a, b) => a.to - a.from - (b.to - b.from) || a.from - b.from);
  const taken: { from: number; to: number; source: string }[][] = [];
  const lanes = new Map<string, number>();
  for (const span of spans) {
    const free = (lane: number): boolean => (taken[lane] ?? []).every(other => other.source === span.source || other.to <= span.from || span.to <= other.from);
    let lane = 0;
    while (lane < MOST_LANES - 1 && !free(lane)) {
      lane += 1;
    }
    (taken[lane] = taken[lane] ?? []).push(span);
    lanes.set(span.id, lane);
  }
  return lanes;
}
