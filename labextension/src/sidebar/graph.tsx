/** The pipeline as a graph: React Flow over dagre's layout. Loaded when the side bar is first shown. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { Handle, MiniMap, NodeProps, Position, ReactFlow, ReactFlowProvider, useReactFlow, type Edge, type Node as FlowNode } from '@xyflow/react';
import React from 'react';

import '@xyflow/react/dist/base.css';

import { icons } from '../cells/icons';
import type { Words } from '../cells/words';
import type { PipelineModel } from '../pipeline/model';
import { bytes } from './bytes';
import { layoutOf } from './layout';
import { shapeOf, ShapeNode, ShownKinds } from './shape';
import { standing } from './standing';
import { Arrow, walk } from './walk';

interface Drawn extends Record<string, unknown> {
  node: ShapeNode;
  words: Words | null;
  chosen: boolean;
  dimmed: boolean;
  executor: string;
}

const FEW = 3;

function StepNode({ data }: NodeProps<FlowNode<Drawn>>): JSX.Element {
  const { node, words, executor } = data;
  const icon = words === null ? '' : icons[words.kind];
  return (
    <div className="steppe-Node" data-kind={words?.kind ?? node.kind} data-chosen={data.chosen} data-dimmed={data.dimmed} title={words?.lines.join('\n') ?? node.label}>
      <Handle type="target" position={Position.Top} isConnectable={false} />
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
      <Handle type="source" position={Position.Bottom} isConnectable={false} />
    </div>
  );
}

function ThingNode({ data }: NodeProps<FlowNode<Drawn>>): JSX.Element {
  const { node } = data;
  const title = node.variable ? `${node.variable.type} ${bytes(node.variable.bytes)}\n${node.variable.preview}` : node.label;
  return (
    <div className="steppe-Thing" data-kind={node.kind} data-chosen={data.chosen} data-dimmed={data.dimmed} title={title}>
      <Handle type="target" position={Position.Top} isConnectable={false} />
      <span className="steppe-Node-text">{node.variable?.name ?? node.label}</span>
      <Handle type="source" position={Position.Bottom} isConnectable={false} />
    </div>
  );
}

const KINDS = { step: StepNode, thing: ThingNode };

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
  const boxes = React.useMemo(() => layoutOf(shape), [plan]);
  const asked = search.trim().toLowerCase();

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
      data: { node, words, chosen: node.id === chosen, dimmed, executor: node.step?.executor ?? '' }
    };
  });
  const edges = shape.edges.map((edge): Edge => ({
    id: edge.id,
    source: edge.source,
    target: edge.target,
    focusable: false,
    label: edge.variables.length === 0 ? undefined : named(edge.variables.map(({ name }) => name)),
    className: chosen !== null && (edge.source === chosen || edge.target === chosen) ? 'steppe-Edge-near' : undefined,
    ariaLabel: `${edge.source} → ${edge.target}`
  }));

  const show = (id: string): void => {
    void flow.fitView({ nodes: [{ id }], maxZoom: Math.max(flow.getZoom(), 0.6), minZoom: 0.6, duration: 150 });
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
        fitView
        fitViewOptions={{ maxZoom: 1, padding: 0.08 }}
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
        {nodes.length > 12 && <MiniMap pannable zoomable ariaLabel={trans.__('Map of the pipeline')} nodeClassName={node => `steppe-Map-${(node.data as Drawn).words?.kind ?? 'thing'}`} />}
      </ReactFlow>
      <div className="steppe-Graph-controls" role="toolbar" aria-label={trans.__('View of the graph')}>
        <button type="button" title={trans.__('Zoom in')} aria-label={trans.__('Zoom in')} onClick={() => void flow.zoomIn({ duration: 100 })}>+</button>
        <button type="button" title={trans.__('Zoom out')} aria-label={trans.__('Zoom out')} onClick={() => void flow.zoomOut({ duration: 100 })}>−</button>
        <button type="button" title={trans.__('Fit all')} aria-label={trans.__('Fit all')} onClick={() => void flow.fitView({ maxZoom: 1, padding: 0.08, duration: 150 })}>⤢</button>
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

