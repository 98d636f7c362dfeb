/** Where the nodes of a shape are drawn: dagre's layered layout, from top to bottom. Pure. */
import dagre from '@dagrejs/dagre';

import type { Shape } from './shape';

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export const SIZES = {
  step: { width: 200, height: 52 },
  variable: { width: 150, height: 30 },
  file: { width: 170, height: 30 },
  parameter: { width: 130, height: 30 }
} as const;

/** Return each node's box by id; x and y are its upper left corner. */
export function layoutOf(shape: Shape): Map<string, Box> {
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({ rankdir: 'TB', nodesep: 24, ranksep: 44 });
  graph.setDefaultEdgeLabel(() => ({}));
  shape.nodes.forEach(node => graph.setNode(node.id, { ...SIZES[node.kind] }));
  shape.edges.forEach(edge => graph.setEdge(edge.source, edge.target));
  dagre.layout(graph);
  return new Map(
    shape.nodes.map(({ id }) => {
      const { x, y, width, height } = graph.node(id) as Box;
      return [id, { x: x - width / 2, y: y - height / 2, width, height }];
    })
  );
}
