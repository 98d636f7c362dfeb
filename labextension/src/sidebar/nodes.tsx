/** How a node of the graph is drawn, and which of them are drawn anew: only those that say something else than before. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { Position, type Node as FlowNode, type NodeProps } from '@xyflow/react';
import React from 'react';

import { told } from '../api/told';
import { icons } from '../cells/icons';
import type { Words } from '../cells/words';
import type { PipelineModel } from '../pipeline/model';
import { bytes } from './bytes';
import type { Box } from './layout';
import type { Shape, ShapeNode } from './shape';
import { standing } from './standing';

export interface Drawn extends Record<string, unknown> {
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

function StepNode({ data }: NodeProps<FlowNode<Drawn>>): JSX.Element {
  const { node, words, executor } = data;
  const icon = words === null ? '' : icons[words.kind];
  return (
    <div className="steppe-Node" data-kind={words?.kind ?? node.kind} data-chosen={data.chosen} data-dimmed={data.dimmed} title={words?.lines.join('\n') ?? node.label}>
      <Ends narrow={data.narrow} />
      {data.reads && <span className="steppe-Node-reads">{data.reads}</span>}
      <span className="steppe-Node-name">
        <span className="steppe-Node-icon" aria-hidden="true" dangerouslySetInnerHTML={{ __html: icon }} />
        <span className="steppe-Node-text">{node.label}</span>
        {node.hidden > 0 && <span className="steppe-Node-hidden">+{node.hidden}</span>}
      </span>
      {words !== null && (
        <span className="steppe-Node-state">
          <span className="steppe-Node-text">{words.text}</span>
          {words.expected && <span className="steppe-Node-expected">{words.expected}</span>}
          {executor && executor !== 'inline' && <span className="steppe-Node-place">{executor}</span>}
        </span>
      )}
      {words !== null && words.done !== null && <progress className="steppe-Node-bar" max={1} value={words.done} aria-label={node.label} />}
    </div>
  );
}

/** Where edges end, for React Flow to find when it looks at a node that it has drawn: what it was told is then forgotten. */
function Ends({ narrow }: { narrow: boolean }): JSX.Element {
  return (
    <>
      <i className="steppe-End target" data-handlepos={narrow ? Position.Left : Position.Top} />
      <i className="steppe-End source" data-handlepos={narrow ? Position.Left : Position.Bottom} />
    </>
  );
}

function ThingNode({ data }: NodeProps<FlowNode<Drawn>>): JSX.Element {
  const { node } = data;
  const title = node.variable ? `${node.variable.type} ${bytes(node.variable.bytes)}\n${node.variable.preview}` : node.label;
  return (
    <div className="steppe-Thing" data-kind={node.kind} data-chosen={data.chosen} data-dimmed={data.dimmed} title={title}>
      <Ends narrow={data.narrow} />
      <span className="steppe-Node-text">{node.variable?.name ?? node.label}</span>
    </div>
  );
}

export const KINDS = { step: StepNode, thing: ThingNode };

export interface Seen {
  model: PipelineModel;
  trans: TranslationBundle;
  shape: Shape;
  boxes: ReadonlyMap<string, Box>;
  narrow: boolean;
  chosen: string | null;
  search: string;
  now: number;
}

/** Makes React Flow's nodes; one that would look as it did is the very one of before, so React Flow leaves it alone. */
export class Nodes {
  /** Return all nodes, as things stand. */
  of(seen: Seen): FlowNode<Drawn>[] {
    const { shape, model, trans, now, chosen } = seen;
    const reads = seen.narrow ? readsOf(shape) : null;
    const asked = seen.search.trim().toLowerCase();
    const made = new Map<string, { mark: string; flow: FlowNode<Drawn> }>();
    let changed = shape.nodes.length !== this.all.length;
    const all = shape.nodes.map((node, at) => {
      const data: Drawn = {
        node,
        words: node.step === null ? null : standing(node.step, model, now, trans),
        chosen: node.id === chosen,
        dimmed: asked !== '' && !node.label.toLowerCase().includes(asked),
        executor: node.step?.executor ?? '',
        narrow: seen.narrow,
        reads: named(reads?.get(node.id) ?? [])
      };
      const box = seen.boxes.get(node.id) ?? { x: 0, y: 0, width: 100, height: 30 };
      const mark = markOf(data, box, seen.narrow);
      const before = this.known.get(node.id);
      const kept = before !== undefined && before.mark === mark ? before : { mark, flow: flowOf(data, box, seen.narrow, trans) };
      made.set(node.id, kept);
      changed = changed || this.all[at] !== kept.flow;
      return kept.flow;
    });
    this.known = made;
    this.all = changed ? all : this.all;
    return this.all;
  }

  private known = new Map<string, { mark: string; flow: FlowNode<Drawn> }>();
  private all: FlowNode<Drawn>[] = [];
}

function markOf({ node, words, chosen, dimmed, executor, reads }: Drawn, box: Box, narrow: boolean): string {
  const said = words === null ? [node.variable?.version, node.variable?.preview] : [words.kind, words.text, words.expected, words.done, ...words.lines];
  return [box.x, box.y, box.width, box.height, narrow, node.label, node.hidden, chosen, dimmed, executor, reads, ...said].join('\n');
}

/** Sizes and places of the edges' ends are told, not measured: React Flow then draws no node that is out of sight. */
function flowOf(data: Drawn, box: Box, narrow: boolean, trans: TranslationBundle): FlowNode<Drawn> {
  const { node, words, chosen } = data;
  const { width, height } = box;
  const [into, out] = narrow ? [Position.Left, Position.Left] : [Position.Top, Position.Bottom];
  const [x, y] = narrow ? [0, height / 2] : [width / 2, 0];
  return {
    id: node.id,
    type: node.kind === 'step' ? 'step' : 'thing',
    position: { x: box.x, y: box.y },
    width,
    height,
    measured: { width, height },
    handles: [
      { type: 'target', position: into, x, y, width: 0, height: 0 },
      { type: 'source', position: out, x, y: narrow ? y : height, width: 0, height: 0 }
    ],
    selected: chosen,
    ariaLabel: words === null ? `${told(node.kind, trans)} ${node.variable?.name ?? node.label}` : `${node.label}: ${words.text}`,
    data
  };
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

/** Say some names, and how many more there are. */
export function named(names: string[]): string {
  return names.length <= FEW ? names.join(', ') : `${names.slice(0, FEW).join(', ')} +${names.length - FEW}`;
}
