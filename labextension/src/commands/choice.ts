/** A list in a dialog, with a label that screen readers tell: that of JupyterLab's own has none. */
import type { Dialog } from '@jupyterlab/apputils';
import { Widget } from '@lumino/widgets';

export class Choice extends Widget implements Dialog.IBodyWidget<string> {
  constructor(label: string, items: readonly string[]) {
    super();
    const field = document.createElement('label');
    field.append(label);
    this.select = document.createElement('select');
    this.select.className = 'jp-mod-styled';
    this.select.append(...items.map(item => new Option(item, item)));
    field.append(this.select);
    this.node.append(field);
  }

  getValue(): string {
    return this.select.value;
  }

  private readonly select: HTMLSelectElement;
}
