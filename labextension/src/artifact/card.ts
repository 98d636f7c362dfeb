/**
 * Draws a card of a cell's output: what a value or a step is, with links that work in Lab. Made of text nodes alone: what a
 * notebook brings is shown, never run.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';

import '../../style/artifact.css';
import { told } from '../api/told';
import { drawBoxes, Flow, Knot } from './boxes';

export interface CardOpener {
  commands: CommandRegistry;
  trans: TranslationBundle;
  /** The contents path of the notebook that shows the card; empty where it is not known. */
  path: string;
}

export interface Card {
  kind?: string;
  path?: string;
  version?: string;
  /** The notebook's identity. */
  notebook?: string;
  /** Of a step. */
  step_run?: string;
  name?: string;
  cell?: string;
  state?: string;
  started?: number;
  graph?: { root?: string; nodes?: Knot[]; edges?: Flow[] };
}

/** Return what was understood of a card's data: it may be anything. */
export function cardOf(data: unknown): Card {
  return (typeof data === 'object' && data !== null ? data : {}) as Card;
}

/** Fill a node with a card; what can not be understood is left out. */
export function drawCard(node: HTMLElement, data: unknown, plain: string, opener: CardOpener): void {
  const card = cardOf(data);
  const path = opener.path || text(card.path);
  node.replaceChildren();
  const nodes = knots(card.graph?.nodes);
  if (nodes.length > 1) {
    node.append(graph(card, nodes, path, opener));
  } else {
    node.append(element('pre', plain, 'steppe-artifact-text'));
  }
  const links = element('div', '', 'steppe-card-links');
  if (card.version) {
    links.append(link(opener.trans.__('Open the value'), () => openValue(card.version, path, opener)));
  }
  links.append(...stepLinks(card, opener));
  node.append(links);
}

/** Return the links of a step's card. */
export function stepLinks(card: Card, opener: CardOpener): HTMLElement[] {
  const { commands, trans } = opener;
  if (card.kind !== 'step' || !card.name) {
    return [];
  }
  const [name, cell] = [text(card.name), text(card.cell)];
  return [
    link(trans.__('Open its details'), () => void commands.execute('steppe:open-step', { name, cell })),
    link(trans.__('Show its cell'), () => void commands.execute('steppe:show-cell', { cell }))
  ];
}

function graph(card: Card, nodes: Knot[], path: string, opener: CardOpener): HTMLElement {
  const { commands, trans } = opener;
  const edges = (Array.isArray(card.graph?.edges) ? card.graph.edges : []).filter(each => typeof each === 'object' && each !== null);
  const acts = {
    reason: (node: Knot) =>
      node.kind === 'step' && card.notebook && node.notebook && node.notebook !== card.notebook
        ? trans.__('A step of another notebook: the page of its value leads there.')
        : '',
    state: (node: Knot) => told(node.state, trans),
    open: (node: Knot) => {
      if (node.kind !== 'step') {
        openValue(node.id, path, opener);
        return;
      }
      void commands.execute('steppe:show-cell', { cell: text(node.cell) });
      void commands.execute('steppe:open-step', { name: node.name, cell: text(node.cell) });
    }
  };
  const root = text(card.graph?.root ?? card.version);
  return drawBoxes(nodes, edges, root, acts, trans.__('What made %1, and what was made from it', text(card.name)));
}

function knots(given: unknown): Knot[] {
  const found = Array.isArray(given) ? given.filter(each => typeof each === 'object' && each !== null) : [];
  return found.map(each => ({
    ...each,
    id: text(each.id),
    kind: text(each.kind),
    level: Math.trunc(Number(each.level)) || 0,
    name: text(each.name),
    type: text(each.type),
    preview: text(each.preview),
    state: text(each.state)
  }));
}

function openValue(version: unknown, path: string, { commands }: CardOpener): void {
  void commands.execute('steppe:open-artifact', { path, version: text(version) });
}

function link(label: string, act: () => void): HTMLButtonElement {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'steppe-link';
  button.textContent = label;
  button.onclick = act;
  return button;
}

export function element(tag: string, content: string, className = ''): HTMLElement {
  const made = document.createElement(tag);
  made.textContent = content;
  made.className = className;
  return made;
}

function text(value: unknown): string {
  return value === null || value === undefined ? '' : String(value);
}
