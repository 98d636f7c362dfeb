/** Which cells the page has handed to the kernel and not seen end: what is known of "running" before the server tells. */
import type { ISessionContext } from '@jupyterlab/apputils';
import type { Cell } from '@jupyterlab/cells';
import { Notebook, NotebookActions } from '@jupyterlab/notebook';
import type { KernelMessage } from '@jupyterlab/services';
import { IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';

/** A cell that waits or runs; `since` is when it became the first, in seconds since 1970, 0 before. */
export interface Entry {
  cell: string;
  since: number;
  before: string;
  /** Whether the kernel has said that it runs it: until then an interrupt would go past it. */
  begun: boolean;
}

export class HandedCells implements IDisposable {
  /**
   * @param notebook whose cells are watched; two views of one notebook watch the same cells.
   * @param context whose kernel runs them.
   * @param latest gives the id of a cell's latest StepRun.
   */
  constructor(
    private readonly notebook: Notebook,
    private readonly context: ISessionContext,
    private readonly latest: (cell: string) => string
  ) {
    context.iopubMessage.connect(this.onMessage, this);
    NotebookActions.executionScheduled.connect(this.onScheduled, this);
    NotebookActions.executed.connect(this.onExecuted, this);
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  /** The cells in the order in which they run. */
  get queue(): readonly Entry[] {
    return this._queue;
  }

  /** Wait until the kernel runs the first of them, or there is none, but no longer than some milliseconds. */
  async settled(patience: number): Promise<void> {
    const waits = (): boolean => this._queue.length > 0 && !this._queue[0].begun;
    if (waits()) {
      await new Promise<void>(resolve => {
        const done = (): void => {
          clearTimeout(timer);
          this._changed.disconnect(look);
          resolve();
        };
        const look = (): void => {
          if (!waits()) {
            done();
          }
        };
        const timer = setTimeout(done, patience);
        this._changed.connect(look);
      });
    }
  }

  /** Forget all: the kernel is gone. */
  clear(): void {
    if (this._queue.length) {
      this._queue = [];
      this._changed.emit();
    }
  }

  dispose(): void {
    this._disposed = true;
    this.context.iopubMessage.disconnect(this.onMessage, this);
    NotebookActions.executionScheduled.disconnect(this.onScheduled, this);
    NotebookActions.executed.disconnect(this.onExecuted, this);
    Signal.clearData(this);
  }

  private mine(notebook: Notebook, cell: Cell): boolean {
    return cell.model.type === 'code' && notebook.model !== null && notebook.model === this.notebook.model;
  }

  private onScheduled(_: unknown, told: { notebook: Notebook; cell: Cell }): void {
    if (this.mine(told.notebook, told.cell)) {
      const cell = told.cell.model.id;
      this._queue = [...this._queue.filter(each => each.cell !== cell), { cell, since: 0, before: this.latest(cell), begun: false }];
      this.begin();
    }
  }

  private onExecuted(_: unknown, told: { notebook: Notebook; cell: Cell }): void {
    if (this.mine(told.notebook, told.cell)) {
      this._queue = this._queue.filter(each => each.cell !== told.cell.model.id);
      this.begin();
    }
  }

  /** The kernel echoes the code of a cell as it begins with it; its own id is known to the view alone that ran it. */
  private onMessage(_: unknown, message: KernelMessage.IMessage): void {
    const first = this._queue[0];
    if (first !== undefined && !first.begun && message.header.msg_type === 'execute_input') {
      const cell = this.notebook.widgets.find(each => each.model.id === first.cell);
      if (cell?.model.sharedModel.getSource() === (message as KernelMessage.IExecuteInputMsg).content.code) {
        first.begun = true;
        this._changed.emit();
      }
    }
  }

  private begin(): void {
    if (this._queue.length && this._queue[0].since === 0) {
      this._queue[0].since = Date.now() / 1000;
    }
    this._changed.emit();
  }

  private _queue: Entry[] = [];
  private _disposed = false;
  private readonly _changed = new Signal<this, void>(this);
}
