/**
 * Turns Steppe on in a notebook's kernel before its first cell runs there, where the notebook has steps: silently, and
 * not by `%load_ext steppe`, for IPython would then tell a cell which does that itself that it has been done.
 */
import { Notebook, NotebookActions, NotebookPanel } from '@jupyterlab/notebook';
import { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import { isStep } from './marks';

/** A second time, by `%load_ext steppe` in a cell say, it changes nothing. No name is left behind. */
export const TURN_ON = "__import__('steppe').load_ipython_extension(get_ipython())";

export class TurningOn implements IDisposable {
  constructor(
    private readonly panel: NotebookPanel,
    private readonly wanted: () => boolean
  ) {
    NotebookActions.executionScheduled.connect(this.onScheduled, this);
    panel.sessionContext.kernelChanged.connect(this.forget, this);
    panel.sessionContext.statusChanged.connect(this.onStatus, this);
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  /** Turn Steppe on if this kernel has not been told yet. What is sent is first in the kernel's queue. */
  ensure(): void {
    const kernel = this.panel.sessionContext.session?.kernel;
    if (!kernel || this.told || !this.wanted() || !this.speaksPython() || !this.hasSteps()) {
      return;
    }
    this.told = true;
    const future = kernel.requestExecute({ code: TURN_ON, silent: true, store_history: false, stop_on_error: false });
    future.done.catch(() => this.forget());
  }

  /** Have the kernel do something that nobody sees; the reply's text where it is an error. */
  async quietly(code: string): Promise<string> {
    this.ensure();
    const kernel = this.panel.sessionContext.session?.kernel;
    if (!kernel) {
      return '';
    }
    const reply = await kernel.requestExecute({ code, silent: true, store_history: false, stop_on_error: false }).done;
    return reply.content.status === 'error' ? reply.content.evalue : '';
  }

  dispose(): void {
    this._disposed = true;
    NotebookActions.executionScheduled.disconnect(this.onScheduled, this);
    Signal.clearData(this);
  }

  private onScheduled(_: unknown, told: { notebook: Notebook }): void {
    if (told.notebook === this.panel.content) {
      this.ensure();
    }
  }

  private onStatus(_: unknown, status: string): void {
    if (status === 'restarting' || status === 'autorestarting' || status === 'dead' || status === 'terminating') {
      this.forget();
    }
  }

  private forget(): void {
    this.told = false;
  }

  private speaksPython(): boolean {
    const language = this.panel.content.model?.defaultKernelLanguage || 'python';
    return language.toLowerCase() === 'python';
  }

  private hasSteps(): boolean {
    return this.panel.content.widgets.some(({ model }) =>
      model.type === 'code' && isStep({ source: model.sharedModel.getSource(), metadata: model.metadata as Record<string, unknown> })
    );
  }

  private told = false;
  private _disposed = false;
}
