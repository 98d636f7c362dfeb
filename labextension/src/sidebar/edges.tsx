/** How what flows is drawn: arcs beside a column, curves between layers. */
import { BaseEdge, type Edge, type EdgeProps } from '@xyflow/react';
import React from 'react';

import type { Variable } from '../api/types';
import { bytes } from './bytes';
import { named } from './nodes';
import type { Shape } from './shape';

function ArcEdge({ sourceX, sourceY, targetX, targetY, data }: EdgeProps<Edge<{ reach: number }>>): JSX.Element {
  const left = Math.min(sourceX, targetX) - (data?.reach ?? 10);
  const down = Math.min(10, Math.abs(targetY - sourceY) / 2) * Math.sign(targetY - sourceY);
  const [from, to] = [sourceY + 6 * Math.sign(down), targetY - 6 * Math.sign(down)];
  const path = `M${sourceX},${from} C${left},${from} ${left},${from} ${left},${from + down} L${left},${to - down} C${left},${to} ${left},${to} ${targetX - 3},${to}`;
  return <BaseEdge path={path} markerEnd="url(#steppe-arrow)" />;
}

export const EDGES = { arc: ArcEdge };

/** Return React Flow's edges; `reach` says how far to the left each arc of a column goes, and is null between layers. */
export function edgesOf(shape: Shape, reach: ReadonlyMap<string, number> | null): Edge[] {
  return shape.edges.map(edge => ({
    id: edge.id,
    source: edge.source,
    target: edge.target,
    focusable: false,
    selectable: false,
    interactionWidth: 0,
    type: reach === null ? 'default' : 'arc',
    data: { reach: reach?.get(edge.id) ?? 10, variables: edge.variables },
    label: reach !== null || edge.variables.length === 0 ? undefined : named(edge.variables.map(({ name }) => name)),
    ariaLabel: `${edge.source} → ${edge.target}`
  }));
}

/** Return the edges with those of the chosen node brought out. */
export function broughtOut(edges: Edge[], chosen: string | null): Edge[] {
  const near = nearTo(edges, chosen);
  const known = new Set(near.map(({ id }) => id));
  return near.length === 0 ? edges : [...edges.filter(({ id }) => !known.has(id)), ...near];
}

/** Return the edges of the chosen node alone, brought out: those of a large graph are painted (see `overview.tsx`). */
export function nearTo(edges: Edge[], chosen: string | null): Edge[] {
  const near = edges.filter(edge => edge.source === chosen || edge.target === chosen);
  return near.map(edge => ({ ...edge, className: 'steppe-Edge-near', label: edge.label && named((edge.data?.variables as Variable[]).map(sized)) }));
}

/** Say what flows, with type and size where it has been made: `rows (list · 2.1 kB)`. */
export function sized({ name, type, bytes: size }: Variable): string {
  const more = [type, size ? bytes(size) : ''].filter(text => text).join(' · ');
  return more ? `${name} (${more})` : name;
}
