/** A Lumino widget whose React tree is loaded when it is first shown: React Flow fits to nothing while it is hidden. */
import { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';

export interface Drawn {
  unmount(): void;
}

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

  private begin(): void {
    this.drawn = this.drawn ?? this.draw(this.node);
    this.drawn.catch(error => {
      this.node.textContent = String(error);
      this.drawn = null;
    });
  }

  private drawn: Promise<Drawn> | null = null;
}
