/** The pipeline as a graph: React Flow over dagre's layout. Loaded when the side bar is first shown. */
import type { TranslationBundle } from '@jupyterlab/translation';
import {
  BaseEdge,
  Handle,
  MiniMap,
  Position,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
  type Edge,
  type EdgeProps,
  type Node as FlowNode,
  type NodeProps
} from '@xyflow/react';
import React from 'react';

import '@xyflow/react/dist/base.css';

import { icons } from '../cells/icons';
import type { Words } from '../cells/words';
import type { PipelineModel } from '../pipeline/model';
import { bytes } from './bytes';
import { columnOf } from './column';
import { Box, layoutOf } from './layout';
import { rowsOf } from './rows';
import { Shape, shapeOf, ShapeNode, ShownKinds } from './shape';
import { standing } from './standing';
import { Arrow, walk } from './walk';

interface Drawn extends Record<string, unknown> {
  node: ShapeNode;
  words: Words | null;
  chosen: boolean;
  dimmed: boolean;
  executor: string;
  narrow: boolean;
  /** Names of what flows in, told above the node in a narrow side bar. */
  reads: string;
}

const FEW = 3;

/** From this width on there is room for the layered layout. */
const WIDE = 560;

/** Above this many nodes dagre takes a second and more: rows that are linear in their number do. */
const MANY = 150;

function StepNode({ data }: NodeProps<FlowNode<Drawn>>): JSX.Element {
  const { node, words, executor } = data;
  const icon = words === null ? '' : icons[words.kind];
  return (
    <div className="steppe-Node" data-kind={words?.kind ?? node.kind} data-chosen={data.chosen} data-dimmed={data.dimmed} title={words?.lines.join('\n') ?? node.label}>
      <Handle type="target" position={data.narrow ? Position.Left : Position.Top} isConnectable={false} />
      {data.reads && <span className="steppe-Node-reads">{data.reads}</span>}
      <span className="steppe-Node-name">
        <span className="steppe-Node-icon" aria-hidden="true" dangerouslySetInnerHTML={{ __html: icon }} />
        <span className="steppe-Node-text">{node.label}</span>
        {node.hidden > 0 && <span className="steppe-Node-hidden">+{node.hidden}</span>}
      </span>
      {words !== null && (
        <span className="steppe-Node-state">
          <span className="steppe-Node-text">{words.text}</span>
          {executor && executor !== 'inline' && <span className="steppe-Node-place">{executor}</span>}
        </span>
      )}
      <Handle type="source" position={data.narrow ? Position.Left : Position.Bottom} isConnectable={false} />
    </div>
  );
}

function ThingNode({ data }: NodeProps<FlowNode<Drawn>>): JSX.Element {
  const { node } = data;
  const title = node.variable ? `${node.variable.type} ${bytes(node.variable.bytes)}\n${node.variable.preview}` : node.label;
  return (
    <div className="steppe-Thing" data-kind={node.kind} data-chosen={data.chosen} data-dimmed={data.dimmed} title={title}>
      <Handle type="target" position={data.narrow ? Position.Left : Position.Top} isConnectable={false} />
      <span className="steppe-Node-text">{node.variable?.name ?? node.label}</span>
      <Handle type="source" position={data.narrow ? Position.Left : Position.Bottom} isConnectable={false} />
    </div>
  );
}

function ArcEdge({ sourceX, sourceY, targetX, targetY, data }: EdgeProps<Edge<{ reach: number }>>): JSX.Element {
  const left = Math.min(sourceX, targetX) - (data?.reach ?? 10);
  const down = Math.min(10, Math.abs(targetY - sourceY) / 2) * Math.sign(targetY - sourceY);
  const [from, to] = [sourceY + 6 * Math.sign(down), targetY - 6 * Math.sign(down)];
  const path = `M${sourceX},${from} C${left},${from} ${left},${from} ${left},${from + down} L${left},${to - down} C${left},${to} ${left},${to} ${targetX - 3},${to}`;
  return <BaseEdge path={path} markerEnd="url(#steppe-arrow)" />;
}

const KINDS = { step: StepNode, thing: ThingNode };
const EDGES = { arc: ArcEdge };

export interface GraphProps {
  model: PipelineModel;
  trans: TranslationBundle;
  /** The chosen node. */
  chosen: string | null;
  shown: ShownKinds;
  search: string;
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

function Drawing({ model, trans, chosen, shown, search, choose, open, now }: GraphProps): JSX.Element {
  const flow = useReactFlow();
  const [collapsed, setCollapsed] = React.useState<ReadonlySet<string>>(new Set());
  const pipeline = model.pipeline;
  const shape = React.useMemo(
    () => (pipeline === null ? { nodes: [], edges: [] } : shapeOf(pipeline, shown, collapsed)),
    [pipeline, shown.variables, shown.files, shown.parameters, collapsed]
  );
  const plan = shape.nodes.map(({ id }) => id).join('\n') + shape.edges.map(({ id }) => id).join('\n');
  const frame = React.useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const narrow = width < WIDE;
  const column = React.useMemo(() => timed(() => (narrow ? columnOf(shape, width - 16) : null)), [plan, narrow, width]);
  const layered = React.useMemo(() => timed(() => (narrow ? null : shape.nodes.length > MANY ? rowsOf(shape) : layoutOf(shape))), [plan, narrow]);
  const boxes = column?.boxes ?? layered ?? new Map<string, Box>();
  const asked = search.trim().toLowerCase();

  const reads = React.useMemo(() => readsOf(shape), [shape]);
  const nodes = shape.nodes.map((node): FlowNode<Drawn> => {
    const box = boxes.get(node.id) ?? { x: 0, y: 0, width: 100, height: 30 };
    const words = node.step === null ? null : standing(node.step, model, now, trans);
    const dimmed = asked !== '' && !node.label.toLowerCase().includes(asked);
    return {
      id: node.id,
      type: node.kind === 'step' ? 'step' : 'thing',
      position: { x: box.x, y: box.y },
      width: box.width,
      height: box.height,
      selected: node.id === chosen,
      ariaLabel: words === null ? `${node.kind} ${node.label}` : `${node.label}: ${words.text}`,
      data: { node, words, chosen: node.id === chosen, dimmed, executor: node.step?.executor ?? '', narrow, reads: narrow ? named(reads.get(node.id) ?? []) : '' }
    };
  });
  const edges = shape.edges.map((edge): Edge => ({
    id: edge.id,
    source: edge.source,
    target: edge.target,
    focusable: false,
    type: narrow ? 'arc' : 'default',
    data: { reach: column?.reach.get(edge.id) ?? 10 },
    label: narrow || edge.variables.length === 0 ? undefined : named(edge.variables.map(({ name }) => name)),
    className: chosen !== null && (edge.source === chosen || edge.target === chosen) ? 'steppe-Edge-near' : undefined,
    ariaLabel: `${edge.source} → ${edge.target}`
  }));

  const show = (id: string): void => {
    const box = boxes.get(id);
    if (box === undefined) {
      return;
    }
    const zoom = Math.max(flow.getZoom(), 0.6);
    const x = narrow ? width / 2 / zoom - 8 : box.x + box.width / 2;
    void flow.setCenter(x, box.y + box.height / 2, { zoom, duration: 120 });
  };
  const fit = (): void => {
    const height = frame.current?.clientHeight ?? 400;
    const bottom = Math.max(0, ...[...boxes.values()].map(box => box.y + box.height));
    if (narrow) {
      const zoom = Math.min(1, Math.max(0.35, height / (bottom + 20)));
      void flow.setViewport({ x: 8 + (zoom < 1 ? ((1 - zoom) * (width - 16)) / 2 : 0), y: 0, zoom: zoom > 0.8 ? zoom : 1 });
    } else {
      void flow.fitView({ maxZoom: 1, padding: 0.08 });
    }
  };
  React.useEffect(() => {
    const timer = setTimeout(fit, 30);
    return () => clearTimeout(timer);
  }, [narrow, width, shape.nodes.length > 0]);
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
    >
      <ReactFlow
        key={shape.nodes.length > 0 ? 'graph' : 'empty'}
        nodes={nodes}
        edges={edges}
        nodeTypes={KINDS}
        edgeTypes={EDGES}
        panOnScroll={narrow}
        zoomOnDoubleClick={false}
        minZoom={0.05}
        maxZoom={2}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable
        onlyRenderVisibleElements
        proOptions={{ hideAttribution: true }}
        onNodeClick={(_, node) => choose(node.id)}
        onNodeDoubleClick={(_, node) => open((node.data as Drawn).node)}
        onPaneClick={() => choose(null)}
      >
        {!narrow && nodes.length > 12 && <MiniMap pannable zoomable ariaLabel={trans.__('Map of the pipeline')} nodeClassName={node => `steppe-Map-${(node.data as Drawn).words?.kind ?? 'thing'}`} />}
      </ReactFlow>
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

/** Return the names of what flows into each node. */
function readsOf(shape: Shape): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { target, variables } of shape.edges) {
    const names = found.get(target) ?? [];
    found.set(target, names);
    names.push(...variables.map(({ name }) => name));
  }
  return found;
}

function toggled(ids: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const made = new Set(ids);
  if (!made.delete(id)) {
    made.add(id);
  }
  return made;
}

function named(names: string[]): string {
  return names.length <= FEW ? names.join(', ') : `${names.slice(0, FEW).join(', ')} +${names.length - FEW}`;
}

