/** Which cells have run in the kernel that a notebook has now. */
import type { Cell, CodeCell } from '@jupyterlab/cells';
import { Notebook, NotebookActions, NotebookPanel } from '@jupyterlab/notebook';
import { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

export class RanCells implements IDisposable {
  constructor(private readonly panel: NotebookPanel) {
    NotebookActions.executed.connect(this.onExecuted, this);
    panel.sessionContext.statusChanged.connect(this.onStatus, this);
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  /** Return the cells' ids. A kernel that was there before this page is asked whether it has run anything. */
  async ids(): Promise<ReadonlySet<string>> {
    const kernel = this.panel.sessionContext.session?.kernel;
    if (!this.begun && kernel) {
      this.begun = true;
      const count = { n: 'get_ipython().execution_count' };
      const reply = await kernel.requestExecute({ code: '', silent: true, store_history: false, user_expressions: count }).done;
      const told = (reply.content as { user_expressions?: Record<string, { data?: Record<string, string> }> }).user_expressions;
      if (Number(told?.['n']?.data?.['text/plain'] ?? 0) > 1 + this.ran.size) {
        this.panel.content.widgets.forEach(cell => cell.model.type === 'code' && this.hasCount(cell) && this.ran.add(cell.model.id));
      }
    }
    return this.ran;
  }

  dispose(): void {
    this._disposed = true;
    NotebookActions.executed.disconnect(this.onExecuted, this);
    Signal.clearData(this);
  }

  private hasCount(cell: Cell): boolean {
    return (cell as CodeCell).model.executionCount !== null;
  }

  private onExecuted(_: unknown, told: { notebook: Notebook; cell: Cell; success: boolean }): void {
    if (told.success && told.notebook.model === this.panel.content.model) {
      this.ran.add(told.cell.model.id);
    }
  }

  private onStatus(_: unknown, status: string): void {
    if (status === 'restarting' || status === 'autorestarting' || status === 'dead' || status === 'terminating') {
      this.ran.clear();
      this.begun = true;
    }
  }

  private readonly ran = new Set<string>();
  private begun = false;
  private _disposed = false;
}
