/** The pipeline as a graph: React Flow over dagre's layout. Loaded when the side bar is first shown. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { type Edge, getViewportForBounds, type Node as FlowNode, ReactFlow, ReactFlowProvider, useReactFlow, useStore } from '@xyflow/react';
import React from 'react';

import '@xyflow/react/dist/base.css';

import type { PipelineModel } from '../pipeline/model';
import { columnOf } from './column';
import { broughtOut, EDGES, edgesOf, nearTo } from './edges';
import { Box, layoutOf } from './layout';
import { Drawn, KINDS, Nodes } from './nodes';
import { Map as SmallMap, Overview } from './overview';
import { AFAR, boundsOf, pictureOf } from './picture';
import { meet, useRegion } from './region';
import { rowsOf } from './rows';
import { shapeOf, ShapeNode, ShownKinds } from './shape';
import { Arrow, walk } from './walk';

/** From this width on there is room for the layered layout. */
const WIDE = 560;

/** Above this many nodes dagre takes a second and more, and a browser can't draw them all: see `rows.ts` and `overview.tsx`. */
const MANY = 150;

const NONE: never[] = [];
const EMPTY: ReadonlyMap<string, Box> = new Map();

export interface GraphProps {
  model: PipelineModel;
  trans: TranslationBundle;
  /** The chosen node. */
  chosen: string | null;
  shown: ShownKinds;
  search: string;
  /** How often Enter was pressed in the search: each goes to the next step that fits. */
  entered: number;
  choose: (id: string | null) => void;
  /** Open the details of a step, or the page of a value. */
  open: (node: ShapeNode) => void;
  now: number;
}

export function Graph(props: GraphProps): JSX.Element {
  return (
    <ReactFlowProvider>
      <Drawing {...props} />
    </ReactFlowProvider>
  );
}

function Drawing({ model, trans, chosen, shown, search, entered, choose, open, now }: GraphProps): JSX.Element {
  const flow = useReactFlow();
  const [collapsed, setCollapsed] = React.useState<ReadonlySet<string>>(new Set());
  const pipeline = model.pipeline;
  const shape = React.useMemo(
    () => (pipeline === null ? { nodes: [], edges: [] } : shapeOf(pipeline, shown, collapsed)),
    [pipeline, shown.variables, shown.files, shown.parameters, collapsed]
  );
  const plan = React.useMemo(() => [...shape.nodes, ...shape.edges].map(({ id }) => id).join('\n'), [shape]);
  const frame = React.useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const narrow = width < WIDE;
  const column = React.useMemo(() => timed(() => (narrow ? columnOf(shape, width - 16) : null)), [plan, narrow, width]);
  const layered = React.useMemo(() => timed(() => (narrow ? null : shape.nodes.length > MANY ? rowsOf(shape) : layoutOf(shape))), [plan, narrow]);
  const boxes = column?.boxes ?? layered ?? EMPTY;
  const bounds = React.useMemo(() => boundsOf([...boxes.values()]), [boxes]);
  const least = Math.min(0.05, (0.8 * width) / Math.max(bounds.width, 1));
  const far = useStore(({ transform }) => transform[2] < AFAR);
  const region = useRegion();
  const many = shape.nodes.length > MANY;
  const afar = many && (far || region.zoom < AFAR); // words come at rest

  const made = React.useRef(new Nodes()).current;
  const nodes = made.of({ model, trans, shape, boxes, narrow, chosen, search, now });
  const plain = React.useMemo(() => edgesOf(shape, column?.reach ?? null), [shape, column]);
  const edges = React.useMemo(() => (many ? nearTo(plain, chosen) : broughtOut(plain, chosen)), [many, plain, chosen]);
  const drawn = React.useMemo(() => (afar ? NONE : many ? within(region, nodes, edges) : nodes), [afar, many, region, nodes, edges]);
  const mapped = !narrow && nodes.length > 12;
  const picture = React.useMemo(() => (many || mapped ? pictureOf(nodes, plain) : null), [nodes, plain, many || mapped]);

  const show = (id: string): void => {
    const box = boxes.get(id);
    if (box === undefined) {
      return;
    }
    const zoom = Math.max(flow.getZoom(), 0.6);
    const x = narrow ? width / 2 / zoom - 8 : box.x + box.width / 2;
    void flow.setCenter(x, box.y + box.height / 2, { zoom, duration: 120 });
  };
  React.useEffect(() => {
    const next = entered > 0 ? following(nodes, chosen) : null;
    if (next !== null) {
      choose(next);
      show(next);
    }
  }, [entered]);
  const fit = (): void => {
    const height = frame.current?.clientHeight ?? 400;
    const bottom = bounds.y + bounds.height;
    if (narrow) {
      const zoom = Math.min(1, Math.max(0.35, height / (bottom + 20)));
      void flow.setViewport({ x: 8 + (zoom < 1 ? ((1 - zoom) * (width - 16)) / 2 : 0), y: 0, zoom: zoom > 0.8 ? zoom : 1 });
    } else {
      void flow.setViewport(getViewportForBounds(bounds, width, height, least, 1, 0.08));
    }
  };
  React.useEffect(() => {
    const timer = setTimeout(fit, 30);
    return () => clearTimeout(timer);
  }, [narrow, width, shape.nodes.length > 0]);
  /** Return what a painting shows where the mouse is. */
  const under = (event: React.MouseEvent): ShapeNode | undefined => {
    const { x, y } = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
    const inside = ({ id }: ShapeNode): boolean => {
      const box = boxes.get(id);
      return box !== undefined && box.x <= x && x <= box.x + box.width && box.y <= y && y <= box.y + box.height;
    };
    return afar ? shape.nodes.find(inside) : undefined;
  };
  const onKey = (event: React.KeyboardEvent): void => {
    if (event.key.startsWith('Arrow')) {
      const next = walk(shape, boxes, chosen, event.key as Arrow);
      choose(next);
      if (next !== null) {
        show(next);
      }
    } else if (event.key === 'Enter' && chosen !== null) {
      const node = shape.nodes.find(({ id }) => id === chosen);
      if (node) {
        open(node);
      }
    } else if (event.key === 'Escape') {
      choose(null);
    } else if (event.key === ' ' && chosen !== null) {
      setCollapsed(toggled(collapsed, chosen));
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div
      className="steppe-Graph"
      ref={frame}
      data-narrow={narrow}
      role="application"
      tabIndex={0}
      aria-label={trans.__('Pipeline: arrow keys walk from step to step, Enter opens one, Space hides what leads to it')}
      onKeyDownCapture={onKey}
      onDoubleClick={event => {
        const node = under(event);
        if (node !== undefined) {
          open(node);
        }
      }}
    >
      {many && picture !== null && <Overview picture={picture} />}
      <ReactFlow
        key={shape.nodes.length > 0 ? 'graph' : 'empty'}
        nodes={drawn}
        edges={afar ? NONE : edges}
        nodeTypes={KINDS}
        edgeTypes={EDGES}
        panOnScroll={narrow}
        zoomOnDoubleClick={false}
        minZoom={least}
        maxZoom={2}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable
        proOptions={{ hideAttribution: true }}
        onMoveStart={() => frame.current?.setAttribute('data-moving', 'true')}
        onMoveEnd={() => frame.current?.removeAttribute('data-moving')}
        onNodeClick={(_, node) => choose(node.id)}
        onNodeDoubleClick={(_, node) => open((node.data as Drawn).node)}
        onPaneClick={event => choose(under(event)?.id ?? null)}
      />
      {mapped && picture !== null && <SmallMap picture={picture} trans={trans} />}
      <svg width="0" height="0" aria-hidden="true" style={{ position: 'absolute' }}>
        <marker id="steppe-arrow" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="6" markerHeight="6" orient="auto">
          <path className="steppe-Arrow" d="M0 0.5 7 4 0 7.5z" />
        </marker>
      </svg>
      <div className="steppe-Graph-controls" role="toolbar" aria-label={trans.__('View of the graph')}>
        <button type="button" title={trans.__('Zoom in')} aria-label={trans.__('Zoom in')} onClick={() => void flow.zoomIn({ duration: 100 })}>+</button>
        <button type="button" title={trans.__('Zoom out')} aria-label={trans.__('Zoom out')} onClick={() => void flow.zoomOut({ duration: 100 })}>−</button>
        <button type="button" title={trans.__('Fit all')} aria-label={trans.__('Fit all')} onClick={fit}>⤢</button>
        <button
          type="button"
          disabled={chosen === null}
          title={trans.__('Hide or show what leads to the chosen node')}
          aria-label={trans.__('Hide or show what leads to the chosen node')}
          onClick={() => chosen !== null && setCollapsed(toggled(collapsed, chosen))}
        >
          ⊟
        </button>
      </div>
    </div>
  );
}

/** Return the nodes in a part of the graph, and those at the ends of edges that are drawn. */
function within(region: Box, nodes: FlowNode<Drawn>[], edges: Edge[]): FlowNode<Drawn>[] {
  const ends = new Set(edges.flatMap(({ source, target }) => [source, target]));
  const inside = ({ position: { x, y }, width = 0, height = 0 }: FlowNode<Drawn>): boolean => meet(region, { x, y, width, height });
  return nodes.filter(node => ends.has(node.id) || inside(node));
}

/** Return the next node after the chosen one that the search has found, from the first again after the last; null where there is none. */
function following(nodes: FlowNode<Drawn>[], chosen: string | null): string | null {
  const at = nodes.findIndex(({ id }) => id === chosen);
  const found = [...nodes.slice(at + 1), ...nodes.slice(0, at + 1)].find(({ data }) => !data.dimmed);
  return found?.id ?? null;
}

/** Follow the width of a node; 300 before it is known. */
function useWidth(node: React.RefObject<HTMLElement>): number {
  const [width, setWidth] = React.useState(300);
  React.useLayoutEffect(() => {
    const seen = node.current;
    if (seen === null) {
      return;
    }
    const read = (): void => setWidth(seen.clientWidth || 300);
    read();
    const observer = new ResizeObserver(read);
    observer.observe(seen);
    return () => observer.disconnect();
  }, []);
  return width;
}

/** Have the browser know how long a layout took: its timeline shows it, and the tests ask for it. */
function timed<T>(layout: () => T): T {
  const start = performance.now();
  const made = layout();
  performance.measure('steppe:layout', { start, end: performance.now() });
  return made;
}

function toggled(ids: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const made = new Set(ids);
  if (!made.delete(id)) {
    made.add(id);
  }
  return made;
}
