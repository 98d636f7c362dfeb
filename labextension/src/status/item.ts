/** The status bar's item: how the steps of the notebook in front stand; a click opens the sidebar. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import type { IPipelines } from '../pipeline/pipelines';
import { summary } from './counts';

export class StatusItem extends Widget {
  constructor(
    private readonly pipelines: IPipelines,
    private readonly trans: TranslationBundle,
    open: () => void
  ) {
    super();
    this.addClass('steppe-Status');
    this.button = document.createElement('button');
    this.button.type = 'button';
    this.button.title = trans.__("Steppe: show the notebook's steps");
    this.button.addEventListener('click', open);
    this.node.append(this.button);
    pipelines.changed.connect(this.update, this);
    this.update();
  }

  get text(): string {
    return summary(this.pipelines.current?.states() ?? [], this.trans);
  }

  protected onUpdateRequest(): void {
    const { text } = this;
    if (this.button.textContent !== text) {
      this.button.textContent = text;
      this.button.setAttribute('aria-label', this.trans.__('Steppe: %1', text));
    }
    this.setHidden(text === '');
  }

  private readonly button: HTMLButtonElement;
}
