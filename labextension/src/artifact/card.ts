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
}

interface CardNode {
  id: string;
  kind: string;
  name: string;
  level?: number;
  type?: string;
  preview?: string;
  state?: string;
}

interface Card {
  title?: string;
  path?: string;
  version?: string;
  facts?: [string, string][];
  nodes?: CardNode[];
}

/** Fill a node with a card; what can not be understood is left out. */
export function drawCard(node: HTMLElement, data: unknown, opener: CardOpener): void {
  const card = (typeof data === 'object' && data !== null ? data : {}) as Card;
  node.replaceChildren();
  const title = document.createElement('strong');
  title.textContent = text(card.title) || opener.trans.__('Steppe');
  node.append(title);
  if (Array.isArray(card.facts)) {
    const list = document.createElement('dl');
    list.className = 'steppe-facts';
    for (const fact of card.facts) {
      if (Array.isArray(fact)) {
        list.append(element('dt', text(fact[0])), element('dd', text(fact[1])));
      }
    }
    node.append(list);
  }
  if (card.version) {
    node.append(link(opener.trans.__('Open'), card.path, card.version, opener));
  }
  if (Array.isArray(card.nodes)) {
    const list = document.createElement('ul');
    list.className = 'steppe-lineage';
    const nodes = card.nodes.filter(each => typeof each === 'object' && each !== null);
    for (const each of nodes.sort((a, b) => (a.level ?? 0) - (b.level ?? 0))) {
      const item = document.createElement('li');
      const said = text(each.kind === 'step' ? each.state : each.preview || each.type);
      item.append(
        each.kind === 'artifact' ? link(text(each.name), card.path, each.id, opener) : element('span', `▸ ${text(each.name)}`),
        ' ',
        element('span', said, 'steppe-tree-type')
      );
      list.append(item);
    }
    node.append(list);
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
