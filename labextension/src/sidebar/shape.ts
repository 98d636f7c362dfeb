/** From a pipeline to the nodes and edges that are drawn: which kinds are shown, what is collapsed. Pure. */
import type { Node, Pipeline, Variable } from '../api/types';

export type NodeKind = 'step' | 'variable' | 'file' | 'parameter';

export interface ShapeNode {
  id: string;
  kind: NodeKind;
  label: string;
  /** Of a step. */
  step: Node | null;
  /** Of a variable. */
  variable: Variable | null;
  /** How many nodes are hidden behind this one. */
  hidden: number;
}

export interface ShapeEdge {
  id: string;
  source: string;
  target: string;
  variables: Variable[];
}

export interface Shape {
  nodes: ShapeNode[];
  edges: ShapeEdge[];
}

export interface ShownKinds {
  variables: boolean;
  files: boolean;
  parameters: boolean;
}

export const stepId = (name: string): string => `step:${name}`;

/** Return what is drawn of a pipeline; `collapsed` are ids of nodes behind which everything that leads to them alone is hidden. */
export function shapeOf(pipeline: Pipeline, shown: ShownKinds, collapsed: ReadonlySet<string>): Shape {
  const nodes = new Map<string, ShapeNode>();
  const edges: ShapeEdge[] = [];
  const known = new Set<string>();
  const node = (kind: NodeKind, label: string, more: Partial<ShapeNode> = {}): string => {
    const id = `${kind}:${more.variable ? `${more.variable.version || 'new'}/` : ''}${label}`;
    if (!nodes.has(id)) {
      nodes.set(id, { id, kind, label, step: null, variable: null, hidden: 0, ...more });
    }
    return id;
  };
  const edge = (source: string, target: string, variables: Variable[] = []): void => {
    const id = `${source}→${target}`;
    if (!known.has(id)) {
      known.add(id);
      edges.push({ id, source, target, variables });
    }
  };
  for (const step of pipeline.steps) {
    node('step', step.name, { step });
  }
  for (const flow of pipeline.edges) {
    if (!shown.variables) {
      edges.push({ id: `${stepId(flow.source)}→${stepId(flow.target)}`, source: stepId(flow.source), target: stepId(flow.target), variables: flow.variables });
      continue;
    }
    for (const variable of flow.variables) {
      const id = node('variable', `${flow.source}.${variable.name}`, { variable });
      edge(stepId(flow.source), id);
      edge(id, stepId(flow.target));
    }
  }
  for (const step of shown.files ? pipeline.steps : []) {
    step.reads.forEach(file => edge(node('file', file), stepId(step.name)));
    step.writes.forEach(file => edge(stepId(step.name), node('file', file)));
  }
  for (const parameter of shown.parameters ? pipeline.parameters : []) {
    const id = node('parameter', parameter.name);
    const readers = pipeline.steps.filter(step => step.inputs.includes(parameter.name));
    readers.forEach(step => edge(id, stepId(step.name)));
  }
  return without(hiddenBehind(edges, nodes, collapsed), nodes, edges);
}

/** Return for each hidden node the collapsed one that it is hidden behind. */
function hiddenBehind(edges: ShapeEdge[], nodes: Map<string, ShapeNode>, collapsed: ReadonlySet<string>): Map<string, string> {
  const hidden = new Map<string, string>();
  if (collapsed.size === 0) {
    return hidden;
  }
  const targets = new Map<string, string[]>();
  edges.forEach(({ source, target }) => targets.set(source, [...(targets.get(source) ?? []), target]));
  for (let found = true; found; ) {
    found = false;
    for (const id of nodes.keys()) {
      const after = targets.get(id) ?? [];
      const behind = after.map(target => (collapsed.has(target) ? target : hidden.get(target)));
      if (!hidden.has(id) && !collapsed.has(id) && after.length > 0 && behind.every(each => each !== undefined)) {
        hidden.set(id, behind[0] as string);
        found = true;
      }
    }
  }
  return hidden;
}

function without(hidden: Map<string, string>, nodes: Map<string, ShapeNode>, edges: ShapeEdge[]): Shape {
  const counts = new Map<string, number>();
  hidden.forEach(behind => counts.set(behind, (counts.get(behind) ?? 0) + 1));
  return {
    nodes: [...nodes.values()].filter(({ id }) => !hidden.has(id)).map(each => ({ ...each, hidden: counts.get(each.id) ?? 0 })),
    edges: edges.filter(({ source, target }) => !hidden.has(source) && !hidden.has(target))
  };
}
