/** The graph as a painting on a canvas: for a map of it, and for a large one that is seen from afar. Knows no React. */
import type { Edge, Node as FlowNode } from '@xyflow/react';

import type { Kind } from '../cells/words';
import type { Box } from './layout';
import type { Drawn } from './nodes';

/** How far the graph is moved and enlarged: React Flow's transform. */
export type View = readonly [x: number, y: number, zoom: number];

/** Below this enlargement no word could be read: a large graph is a painting then. */
export const AFAR = 0.5;

const COLOURS: Partial<Record<Kind, string>> = {
  hit: '--jp-success-color1',
  'would-hit': '--jp-success-color1',
  succeeded: '--jp-success-color1',
  running: '--jp-brand-color1',
  queued: '--jp-brand-color1',
  'stale-code': '--jp-warn-color1',
  'stale-data': '--jp-warn-color1',
  'stale-environment': '--jp-warn-color1',
  stale: '--jp-warn-color1',
  problem: '--jp-warn-color1',
  failed: '--jp-error-color1'
};

/** How much of a box from afar is left blank, from its left and top, in shares of it: the kinds of staleness differ in shape. */
const BLANK: Partial<Record<Kind, Blank>> = { 'stale-data': [0, 0.5, 1, 0.5], 'stale-environment': [0.2, 0.2, 0.6, 0.6] };
type Blank = readonly [left: number, top: number, width: number, height: number];

const PLAIN = '--jp-border-color1';
const LINE = '--jp-border-color1';
const CHOSEN = '--jp-ui-font-color1';
const GROUND = '--jp-layout-color1';
const FRAME = '--jp-brand-color1';

/** Width of the coloured edge of a node. */
const EDGE = 4;

/** What is painted: boxes by colour, lines, and how large it is in all. */
export interface Picture {
  boxes: Map<string, Box[]>;
  /** Parts of boxes that are blank from afar. */
  blanks: Box[];
  dimmed: Box[];
  chosen: Box | null;
  /** The ends of each edge, and how far to the left it goes; 0 where it goes straight. */
  lines: { from: Box; to: Box; reach: number }[];
  bounds: Box;
}

/** Return what there is to paint of React Flow's nodes and edges. */
export function pictureOf(nodes: FlowNode<Drawn>[], edges: Edge[]): Picture {
  const found = new Map(nodes.map(node => [node.id, { ...node.position, width: node.width ?? 0, height: node.height ?? 0 }]));
  const picture: Picture = { boxes: new Map(), blanks: [], dimmed: [], chosen: null, lines: [], bounds: boundsOf([...found.values()]) };
  for (const { id, data } of nodes) {
    const box = found.get(id) as Box;
    const colour = (data.words && COLOURS[data.words.kind]) ?? PLAIN;
    if (data.dimmed) {
      picture.dimmed.push(box);
    } else {
      const alike = picture.boxes.get(colour) ?? [];
      picture.boxes.set(colour, alike);
      alike.push(box);
      const blank = data.words && BLANK[data.words.kind];
      if (blank) {
        picture.blanks.push(partOf(box, blank));
      }
    }
    picture.chosen = data.chosen ? box : picture.chosen;
  }
  for (const { source, target, type, data } of edges) {
    const [from, to] = [found.get(source), found.get(target)];
    if (from !== undefined && to !== undefined) {
      picture.lines.push({ from, to, reach: type === 'arc' ? Number(data?.['reach']) : 0 });
    }
  }
  return picture;
}

function partOf({ x, y, width, height }: Box, [left, top, wide, high]: Blank): Box {
  return { x: x + left * width, y: y + top * height, width: wide * width, height: high * height };
}

/** Return the box around boxes. */
export function boundsOf(boxes: Box[]): Box {
  const left = Math.min(...boxes.map(({ x }) => x));
  const top = Math.min(...boxes.map(({ y }) => y));
  const right = Math.max(...boxes.map(({ x, width }) => x + width));
  const bottom = Math.max(...boxes.map(({ y, height }) => y + height));
  return boxes.length === 0 ? { x: 0, y: 0, width: 0, height: 0 } : { x: left, y: top, width: right - left, height: bottom - top };
}

/** Paint what is in view; colours are those of the theme that the canvas stands in. */
export function paint(canvas: HTMLCanvasElement, picture: Picture, [x, y, zoom]: View, shown: { lines: boolean }): void {
  const cleared = clear(canvas);
  if (cleared === null) {
    return;
  }
  const { context, width, height } = cleared;
  const colour = themed(canvas);
  const seen = (box: Box): boolean => box.x * zoom + x < width && (box.x + box.width) * zoom + x > 0 && box.y * zoom + y < height && (box.y + box.height) * zoom + y > 0;
  if (shown.lines) {
    context.strokeStyle = colour(LINE);
    context.lineWidth = Math.max(0.5, zoom);
    context.beginPath();
    picture.lines.forEach(line => (seen(line.from) || seen(line.to)) && trace(context, line, [x, y, zoom]));
    context.stroke();
  }
  const far = zoom < AFAR;
  const fill = (box: Box, from: number, to: number): void =>
    context.fillRect((box.x + from) * zoom + x, box.y * zoom + y, Math.max(1, (to - from) * zoom), Math.max(1, box.height * zoom));
  const draw = (boxes: Box[], name: string): void => {
    const visible = boxes.filter(seen);
    context.fillStyle = colour(name);
    visible.forEach(box => fill(box, 0, far ? box.width : EDGE));
    if (!far) {
      context.fillStyle = colour(GROUND);
      visible.forEach(box => fill(box, EDGE, box.width));
    }
  };
  picture.boxes.forEach(draw);
  if (far) {
    draw(picture.blanks, GROUND);
  }
  context.globalAlpha = 0.3;
  draw(picture.dimmed, PLAIN);
  context.globalAlpha = 1;
  if (picture.chosen !== null && far) {
    const box = picture.chosen;
    context.strokeStyle = colour(CHOSEN);
    context.lineWidth = 2;
    context.strokeRect(box.x * zoom + x - 2, box.y * zoom + y - 2, box.width * zoom + 4, box.height * zoom + 4);
  }
}

/** Paint a frame, and nothing else. */
export function outline(canvas: HTMLCanvasElement, { x, y, width, height }: Box): void {
  const cleared = clear(canvas);
  if (cleared !== null) {
    cleared.context.strokeStyle = themed(canvas)(FRAME);
    cleared.context.strokeRect(x + 0.5, y + 0.5, Math.max(1, width - 1), Math.max(1, height - 1));
  }
}

/** Wipe a canvas, as large as it is shown; return what to paint on it with. */
function clear(canvas: HTMLCanvasElement): { context: CanvasRenderingContext2D; width: number; height: number } | null {
  const context = canvas.getContext('2d');
  if (context === null) {
    return null;
  }
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    [canvas.width, canvas.height] = [Math.round(width * ratio), Math.round(height * ratio)];
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}

function trace(context: CanvasRenderingContext2D, { from, to, reach }: Picture['lines'][number], [x, y, zoom]: View): void {
  if (reach === 0) {
    context.moveTo((from.x + from.width / 2) * zoom + x, (from.y + from.height) * zoom + y);
    context.lineTo((to.x + to.width / 2) * zoom + x, to.y * zoom + y);
    return;
  }
  const left = (from.x - reach) * zoom + x;
  const [above, below] = [(from.y + from.height / 2) * zoom + y, (to.y + to.height / 2) * zoom + y];
  context.moveTo(from.x * zoom + x, above);
  context.lineTo(left, above);
  context.lineTo(left, below);
  context.lineTo(to.x * zoom + x, below);
}

const themes = new Map<string, Map<string, string>>();

/** Return what reads a colour of the theme: once for each theme, since a painting asks at every frame. */
function themed(canvas: HTMLCanvasElement): (name: string) => string {
  const theme = document.body.dataset['jpThemeName'] ?? '';
  const known = themes.get(theme) ?? new Map<string, string>();
  themes.set(theme, known);
  return name => {
    const found = known.get(name) ?? getComputedStyle(canvas).getPropertyValue(name).trim();
    known.set(name, found);
    return found;
  };
}
