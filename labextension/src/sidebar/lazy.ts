/** A Lumino widget whose React tree is loaded when it is first shown: React Flow fits to nothing while it is hidden. */
import { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';

export interface Drawn {
  unmount(): void;
}

/** What has the keyboard when the widget is activated. */
const FIRST = ['.steppe-Graph', '[role="tab"][aria-selected="true"]', '[tabindex="0"]'];

/** Frames for which the keyboard is held: about a second. */
const FRAMES = 60;

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
    void this.drawn?.then(() => requestAnimationFrame(() => this.focusFirst()));
  }

  /**
   * Give the keyboard to what is first there, and hold it for some frames: what is first may become another, since its
   * tab is just opening, and JupyterLab gives the keyboard to the notebook once more after a click on its toolbar. What
   * the person does next ends that.
   */
  private focusFirst(): void {
    const acted = new AbortController();
    for (const act of ['keydown', 'pointerdown']) {
      document.addEventListener(act, () => acted.abort(), { capture: true, signal: acted.signal });
    }
    const look = (frames: number): void => {
      if (acted.signal.aborted || !this.isVisible || frames === 0 || document.activeElement?.closest('.jp-Dialog')) {
        acted.abort();
        return;
      }
      const first = this.first();
      if (first !== document.activeElement) {
        first?.focus();
      }
      requestAnimationFrame(() => look(frames - 1));
    };
    look(FRAMES);
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
