/** What made a value, and what was made from it: lists, by steps away, each value and cell a click away. */
import type { CommandRegistry } from '@lumino/commands';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Knot, Lineage as Graph } from '../api/artifacts';
import { told } from '../api/told';
import type { Place } from './page';

interface Props {
  graph: Graph;
  path: string;
  version: string;
  commands: CommandRegistry;
  openCell: (place: Place) => void;
  /** Whether the notebook of a step is in reach. */
  reach: (place: Place) => boolean;
  /** What is said where it is not. */
  away: string;
  trans: TranslationBundle;
}

export function Lineage({ graph, path, version, commands, openCell, reach, away, trans }: Props): JSX.Element {
  const above = graph.nodes.filter(node => node.level < 0).sort((a, b) => b.level - a.level || order(a) - order(b));
  const below = graph.nodes.filter(node => node.level > 0).sort((a, b) => a.level - b.level || order(a) - order(b));
  const list = (title: string, nodes: Knot[], empty: string): JSX.Element => (
    <section>
      <h4>{title}</h4>
      {nodes.length === 0 && <p className="steppe-artifact-note">{empty}</p>}
      <ul className="steppe-lineage">
        {nodes
          .filter(node => node.id !== version)
          .map(node => (
            <li key={node.id} style={{ paddingLeft: 12 * (Math.abs(node.level) - 1) }}>
              <button
                className="steppe-link"
                disabled={node.kind === 'step' && !reach(node)}
                title={node.kind === 'step' && !reach(node) ? away : undefined}
                onClick={() =>
                  node.kind === 'step'
                    ? openCell(node)
                    : void commands.execute('steppe:open-artifact', { path, version: node.id })
                }
              >
                {node.kind === 'step' ? `▸ ${node.name}` : node.name || node.type}
              </button>{' '}
              <span className="steppe-tree-type">{node.kind === 'step' ? told(node.state, trans) : node.preview || node.type}</span>
            </li>
          ))}
      </ul>
    </section>
  );
  return (
    <div className="steppe-artifact-lineage">
      {list(trans.__('What made it'), above, trans.__('No step that is kept has made it.'))}
      {list(trans.__('What was made from it'), below, trans.__('Nothing yet.'))}
    </div>
  );
}

/** Steps stand before the values of their level. */
function order(node: Knot): number {
  return node.kind === 'step' ? 0 : 1;
}
