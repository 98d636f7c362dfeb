/**
 * Draws a card of a cell's output: what a value or a step is, with links that work in Lab. Made of text nodes alone: what a
 * notebook brings is shown, never run.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';

import '../../style/artifact.css';

export interface CardOpener {
  commands: CommandRegistry;
  trans: TranslationBundle;
  /** The contents path of the notebook that shows the card; empty where it is not known. */
  path: string;
}

interface CardNode {
  id: string;
  kind: string;
  level: number;
  name: string;
  type: string;
  preview: string;
  state: string;
}

interface Card {
  path?: string;
  version?: string;
  graph?: { nodes?: CardNode[] };
}

/** Fill a node with a card; what can not be understood is left out. */
export function drawCard(node: HTMLElement, data: unknown, plain: string, opener: CardOpener): void {
  const card = (typeof data === 'object' && data !== null ? data : {}) as Card;
  const path = opener.path || text(card.path);
  node.replaceChildren();
  const nodes = Array.isArray(card.graph?.nodes) ? card.graph.nodes.filter(each => typeof each === 'object' && each !== null) : [];
  if (nodes.length > 1) {
    const list = document.createElement('ul');
    list.className = 'steppe-lineage';
    for (const each of [...nodes].sort((a, b) => Number(a.level) - Number(b.level))) {
      const item = document.createElement('li');
      const said = text(each.kind === 'step' ? each.state : each.preview || each.type);
      const name = each.kind === 'step' ? element('span', `▸ ${text(each.name)}`) : link(text(each.name), path, each.id, opener);
      name.style.fontWeight = each.level === 0 ? '600' : '';
      item.append(name, ' ', element('span', said, 'steppe-tree-type'));
      list.append(item);
    }
    node.append(list);
  } else {
    node.append(element('pre', plain, 'steppe-artifact-text'));
  }
  if (card.version) {
    node.append(link(opener.trans.__('Open the value'), path, card.version, opener));
  }
}

function link(label: string, path: unknown, version: unknown, opener: CardOpener): HTMLButtonElement {
  const button = document.createElement('button');
  button.className = 'steppe-link';
  button.textContent = label;
  button.onclick = () => void opener.commands.execute('steppe:open-artifact', { path: text(path), version: text(version) });
  return button;
}

function element(tag: string, content: string, className = ''): HTMLElement {
  const made = document.createElement(tag);
  made.textContent = content;
  made.className = className;
  return made;
}

function text(value: unknown): string {
  return value === null || value === undefined ? '' : String(value);
}
