/** Which cells the page has handed to the kernel and not seen end: what is known of "running" before the server tells. */
import type { Cell } from '@jupyterlab/cells';
import { Notebook, NotebookActions } from '@jupyterlab/notebook';
import { IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';

/** A cell that waits or runs; `since` is when it became the first, in seconds since 1970, 0 before. */
export interface Entry {
  cell: string;
  since: number;
  before: string;
}

export class HandedCells implements IDisposable {
  /**
   * @param notebook whose cells are watched; two views of one notebook watch the same cells.
   * @param latest gives the id of a cell's latest StepRun.
   */
  constructor(
    private readonly notebook: Notebook,
    private readonly latest: (cell: string) => string
  ) {
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

  /** Forget all: the kernel is gone. */
  clear(): void {
    if (this._queue.length) {
      this._queue = [];
      this._changed.emit();
    }
  }

  dispose(): void {
    this._disposed = true;
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
      this._queue = [...this._queue.filter(each => each.cell !== cell), { cell, since: 0, before: this.latest(cell) }];
      this.begin();
    }
  }

  private onExecuted(_: unknown, told: { notebook: Notebook; cell: Cell }): void {
    if (this.mine(told.notebook, told.cell)) {
      this._queue = this._queue.filter(each => each.cell !== told.cell.model.id);
      this.begin();
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
