/** One badge: a button above a cell's editor. Writes to the page only what has changed. */
import type { Cell } from '@jupyterlab/cells';

import { icons } from './icons';
import type { Words } from './words';

const CLASS = 'steppe-Badge';
const HAS_BADGE = 'steppe-mod-badged';

export class Badge {
  constructor(
    readonly cell: Cell,
    private readonly open: () => void
  ) {
    this.row = document.createElement('div');
    this.row.className = `${CLASS}Row`;
    this.button = document.createElement('button');
    this.button.type = 'button';
    this.button.className = CLASS;
    this.button.setAttribute('data-lm-suppress-shortcuts', 'true'); // Enter and Space are the button's own
    this.icon = document.createElement('span');
    this.icon.className = `${CLASS}-icon`;
    this.icon.setAttribute('aria-hidden', 'true');
    this.text = document.createElement('span');
    this.text.className = `${CLASS}-text`;
    this.bar = document.createElement('progress');
    this.bar.className = `${CLASS}-bar`;
    this.bar.max = 1;
    this.bar.hidden = true;
    this.button.append(this.icon, this.text);
    this.row.append(this.button, this.bar);
    this.button.addEventListener('click', this.open);
    void cell.ready.then(() => this.attach());
  }

  words: Words | null = null;

  /** Say something else. */
  say(words: Words): void {
    const before = this.words;
    this.words = words;
    if (before?.kind !== words.kind) {
      this.row.dataset['kind'] = words.kind;
      this.icon.innerHTML = icons[words.kind];
    }
    if (before?.text !== words.text) {
      this.text.textContent = words.text;
    }
    const lines = words.lines.join('\n');
    if (before === null || before.lines.join('\n') !== lines) {
      this.button.title = lines;
    }
    if (before === null || before.text !== words.text || before.lines[0] !== words.lines[0]) {
      this.button.setAttribute('aria-label', [words.lines[0], words.text].filter(Boolean).join(': '));
      this.bar.setAttribute('aria-label', words.lines[0] ?? words.text);
    }
    if (before?.done !== words.done) {
      this.bar.hidden = words.done === null;
      this.bar.value = words.done ?? 0;
    }
  }

  remove(): void {
    this.removed = true;
    this.button.removeEventListener('click', this.open);
    this.row.remove();
    this.header?.classList.remove(HAS_BADGE);
  }

  /** Put the badge into the cell's header: cells out of sight have none until they come into sight. */
  private attach(): void {
    if (!this.removed && !this.cell.isDisposed) {
      this.header = this.cell.node.querySelector(':scope > .jp-Cell-header');
      this.header?.classList.add(HAS_BADGE); // JupyterLab gives headers no height
      this.header?.append(this.row);
    }
  }

  private readonly row: HTMLDivElement;
  private readonly button: HTMLButtonElement;
  private readonly icon: HTMLSpanElement;
  private readonly text: HTMLSpanElement;
  private readonly bar: HTMLProgressElement;
  private header: Element | null = null;
  private removed = false;
}
