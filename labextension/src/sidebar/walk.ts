/** Which node an arrow key leads to. Pure. */
import type { Box } from './layout';
import type { Shape } from './shape';

export type Arrow = 'ArrowUp' | 'ArrowDown' | 'ArrowLeft' | 'ArrowRight';

/** Return the id of the node that an arrow leads to from `at`; the first node where nothing is chosen yet, `at` where there is none. */
export function walk(shape: Shape, boxes: ReadonlyMap<string, Box>, at: string | null, arrow: Arrow): string | null {
  const here = at === null ? undefined : boxes.get(at);
  if (at === null || here === undefined) {
    return shape.nodes.map(({ id }) => id).sort((a, b) => order(boxes.get(a), boxes.get(b)))[0] ?? null;
  }
  const middle = here.x + here.width / 2;
  const nearest = (ids: string[]): string | null =>
    ids.sort((a, b) => far(boxes.get(a), middle) - far(boxes.get(b), middle))[0] ?? null;
  if (arrow === 'ArrowUp') {
    return nearest(shape.edges.filter(edge => edge.target === at).map(edge => edge.source)) ?? at;
  }
  if (arrow === 'ArrowDown') {
    return nearest(shape.edges.filter(edge => edge.source === at).map(edge => edge.target)) ?? at;
  }
  const side = arrow === 'ArrowLeft' ? -1 : 1;
  const level = shape.nodes
    .map(({ id }) => id)
    .filter(id => id !== at && overlaps(boxes.get(id), here) && ((boxes.get(id)?.x ?? 0) - here.x) * side > 0);
  return nearest(level) ?? at;
}

const order = (a: Box | undefined, b: Box | undefined): number => (a?.y ?? 0) - (b?.y ?? 0) || (a?.x ?? 0) - (b?.x ?? 0);
const far = (box: Box | undefined, middle: number): number => (box === undefined ? Infinity : Math.abs(box.x + box.width / 2 - middle));
const overlaps = (box: Box | undefined, here: Box): boolean =>
  box !== undefined && box.y < here.y + here.height && here.y < box.y + box.height;
