/**
 * Draws a lineage as boxes that are buttons, with lines between them: the picture that other front ends have of a card
 * (`lineage/picture.py`), to be clicked. Made of text nodes alone: what a notebook brings is shown, never run.
 */
export interface Knot {
  id: string;
  kind: string;
  /** How many steps away from what was asked for. */
  level: number;
  name: string;
  type: string;
  preview: string;
  state: string;
  cell?: string;
  notebook?: string;
}

export interface Flow {
  source: string;
  target: string;
}

export interface Acts {
  /** Do what a click on a box does. */
  open(node: Knot): void;
  /** Return why it can't be opened; empty where it can. */
  reason(node: Knot): string;
  /** Return how a step stands, in the reader's language. */
  state(node: Knot): string;
}

interface Place {
  x: number;
  y: number;
}

const [WIDTH, HEIGHT, ACROSS, DOWN, EDGE] = [148, 40, 36, 16, 8];
const SVG = 'http://www.w3.org/2000/svg';

/** Return the drawing; boxes follow each other in it as what they stand for flows. */
export function drawBoxes(nodes: Knot[], edges: Flow[], root: string, acts: Acts, label: string): HTMLElement {
  const places = placesOf(nodes, edges);
  const frame = document.createElement('div');
  frame.className = 'steppe-boxes';
  frame.setAttribute('role', 'group');
  frame.setAttribute('aria-label', label);
  const canvas = document.createElement('div');
  canvas.className = 'steppe-boxes-canvas';
  const all = [...places.values()];
  canvas.style.width = `${Math.max(...all.map(({ x }) => x)) + WIDTH + EDGE}px`;
  canvas.style.height = `${Math.max(...all.map(({ y }) => y)) + HEIGHT + EDGE}px`;
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('aria-hidden', 'true');
  for (const { source, target } of edges) {
    const [from, to] = [places.get(source), places.get(target)];
    if (from !== undefined && to !== undefined) {
      svg.append(line(from, to));
    }
  }
  canvas.append(svg);
  const order = ({ id }: Knot): Place => places.get(id) as Place;
  for (const node of [...nodes].sort((a, b) => order(a).x - order(b).x || order(a).y - order(b).y)) {
    canvas.append(box(node, order(node), node.id === root, acts));
  }
  frame.append(canvas);
  return frame;
}

function line(from: Place, to: Place): SVGPathElement {
  const path = document.createElementNS(SVG, 'path');
  const [x1, y1, x2, y2] = [from.x + WIDTH, from.y + HEIGHT / 2, to.x, to.y + HEIGHT / 2];
  const middle = (x1 + x2) / 2;
  path.setAttribute('d', `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`);
  return path;
}

function box(node: Knot, { x, y }: Place, root: boolean, acts: Acts): HTMLButtonElement {
  const said = node.kind === 'step' ? acts.state(node) : node.preview || node.type.split('.').pop() || '';
  const made = document.createElement('button');
  made.type = 'button';
  made.className = 'steppe-box';
  made.dataset['kind'] = node.kind === 'step' ? 'step' : 'artifact';
  made.dataset['state'] = node.state;
  made.dataset['root'] = String(root);
  Object.assign(made.style, { left: `${x}px`, top: `${y}px`, width: `${WIDTH}px`, height: `${HEIGHT}px` });
  const reason = acts.reason(node);
  made.title = [`${node.name}: ${said}`, reason].filter(Boolean).join('\n');
  made.disabled = reason !== '';
  for (const [tag, content] of [['b', node.name], ['span', said]]) {
    const text = document.createElement(tag);
    text.textContent = content;
    made.append(text, ' ');
  }
  made.onclick = () => acts.open(node);
  return made;
}

/** Return where each box begins: its column by its level, its row near those that it is tied to. */
export function placesOf(nodes: Knot[], edges: Flow[]): Map<string, Place> {
  const columns = new Map<number, Knot[]>();
  for (const node of nodes) {
    columns.set(columnOf(node), [...(columns.get(columnOf(node)) ?? []), node]);
  }
  const near = new Map<string, string[]>();
  const tie = (from: string, to: string): void => void near.set(from, [...(near.get(from) ?? []), to]);
  edges.forEach(({ source, target }) => (tie(source, target), tie(target, source)));
  const rows = new Map<string, number>();
  for (const [, members] of [...columns].sort(([a], [b]) => Math.abs(a) - Math.abs(b))) { // from what was asked for, outwards
    const wanted = new Map(members.map(({ id }) => [id, mean((near.get(id) ?? []).flatMap(other => rows.get(other) ?? []))]));
    const sorted = [...members].sort((a, b) => (wanted.get(a.id) ?? 0) - (wanted.get(b.id) ?? 0));
    sorted.forEach(({ id }, row) => rows.set(id, row - (members.length - 1) / 2));
  }
  const [first, top] = [Math.min(...columns.keys()), Math.min(...rows.values())];
  return new Map(
    nodes.map(node => [
      node.id,
      { x: EDGE + (columnOf(node) - first) * (WIDTH + ACROSS), y: EDGE + Math.round(((rows.get(node.id) ?? 0) - top) * (HEIGHT + DOWN)) }
    ])
  );
}

/** Values are in even columns, steps between those that they read and those that they bind. */
function columnOf({ kind, level }: Knot): number {
  return kind === 'step' ? 2 * level + (level < 0 ? 1 : -1) : 2 * level;
}

function mean(numbers: number[]): number {
  return numbers.length === 0 ? 0 : numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
}
