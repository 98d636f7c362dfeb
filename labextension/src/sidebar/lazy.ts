/** A Lumino widget whose React tree is loaded when it is first shown: React Flow fits to nothing while it is hidden. */
import { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';

export interface Drawn {
  unmount(): void;
}

/** What has the keyboard when the widget is activated. */
const FIRST = ['.steppe-Graph', '[role="tab"][aria-selected="true"]', '[tabindex="0"]'];

export class LazyWidget extends Widget {
  constructor(private readonly draw: (node: HTMLElement) => Promise<Drawn>) {
    super();
    this.addClass('steppe-Lazy');
  }

  dispose(): void {
    if (!this.isDisposed) {
      void this.drawn?.then(drawn => drawn.unmount());
      super.dispose();
    }
  }

  protected onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.begin();
  }

  protected onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    if (this.isVisible) {
      this.begin();
    }
  }

  /** Take the keyboard: to the graph, where it is shown, else to the chosen tab. */
  protected onActivateRequest(message: Message): void {
    super.onActivateRequest(message);
    this.begin();
    void this.drawn?.then(() => requestAnimationFrame(() => this.focusFirst(60, document.activeElement)));
  }

  /** Give the keyboard to what is first there. For some frames that may become another: its tab may just be opening. */
  private focusFirst(frames: number, had: Element | null): void {
    const active = document.activeElement;
    // the button that was pressed may take it after its command has run
    const pressed = active?.matches('button, jp-button') && !this.node.contains(active);
    if (active !== had && active !== document.body && !pressed) {
      return; // somebody has taken it elsewhere
    }
    const first = this.first();
    if (first !== active) {
      first?.focus();
    }
    if (frames > 0) {
      requestAnimationFrame(() => this.focusFirst(frames - 1, first));
    }
  }

  private first(): HTMLElement | null {
    return FIRST.map(selector => this.node.querySelector<HTMLElement>(selector)).find(node => node !== null) ?? null;
  }

  private begin(): void {
    this.drawn = this.drawn ?? this.draw(this.node);
    this.drawn.catch(error => {
      this.node.textContent = String(error);
      this.drawn = null;
    });
  }

  private drawn: Promise<Drawn> | null = null;
}
