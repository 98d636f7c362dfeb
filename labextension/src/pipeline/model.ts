/** The pipeline of one open notebook: planned from its text as it is edited, and live while it runs. Knows no widget of ours. */
import type { NotebookPanel } from '@jupyterlab/notebook';
import { IDisposable } from '@lumino/disposable';
import { Debouncer } from '@lumino/polling';
import { ISignal, Signal } from '@lumino/signaling';

import { Client, Reason, RefusedError } from '../api/client';
import type { StreamEvent } from '../api/events';
import type { Part, Pipeline, StepRunBrief } from '../api/types';

const AFTER_EDIT = 500;

/** States after which nothing more happens to a StepRun. */
export const ENDED = new Set(['hit', 'succeeded', 'failed', 'cancelled', 'lost', 'setup']);

export interface Progress {
  done: number;
  total: number | null;
  text: string;
}

/** What is known of a cell that is a step. */
export interface CellState {
  name: string;
  part: Part;
  /** Its latest StepRun, live. */
  run: StepRunBrief | null;
  progress: Progress | null;
  /** The nearest step above that is to run, where that decides what becomes of this one; else empty. */
  behind: string;
}

export class PipelineModel implements IDisposable {
  constructor(
    readonly panel: NotebookPanel,
    private readonly client: Client
  ) {
    void panel.context.ready.then(() => {
      if (!this.isDisposed) {
        panel.context.model.contentChanged.connect(this.onEdit, this);
        panel.context.pathChanged.connect(this.onEdit, this);
        void this.refresh();
      }
    });
  }

  /** How long after an edit it is planned anew, in milliseconds. */
  set delay(milliseconds: number) {
    if (milliseconds !== this._delay && !this._disposed) {
      this._delay = milliseconds;
      this.later.dispose();
      this.later = new Debouncer(() => this.refresh(), milliseconds);
    }
  }

  /** Emitted when anything below has changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** The notebook's path, as the server knows it. */
  get path(): string {
    return this.panel.context.path;
  }

  /** The latest plan; null before the first. */
  get pipeline(): Pipeline | null {
    return this._pipeline;
  }

  /** Why there is no plan, in one sentence; else empty. */
  get error(): string {
    return this._error;
  }

  /** Whose fault that is. */
  get reason(): Reason {
    return this._reason;
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  /** Return what is known of the cell of this id, or null where it is no step. */
  cell(id: string): CellState | null {
    return this.cells.get(id) ?? null;
  }

  /** Return the states of all cells that are steps, in the notebook's order. */
  states(): CellState[] {
    return [...this.cells.values()];
  }

  /** Plan anew, now. What is shown stays until the answer has come. */
  async refresh(): Promise<void> {
    if (this._disposed || !this.panel.context.isReady) {
      return;
    }
    this.asked?.abort();
    const asked = (this.asked = new AbortController());
    try {
      const body = { path: this.path, notebook: this.text() };
      this._pipeline = await this.client.send<Pipeline>('POST', 'pipeline', body, {}, asked.signal);
      this._error = '';
    } catch (error) {
      if (asked.signal.aborted) {
        return;
      }
      this._error = error instanceof Error ? error.message : String(error);
      this._reason = error instanceof RefusedError ? error.reason : 'refused';
    }
    if (!this._disposed) {
      this.settle();
      this._changed.emit();
    }
  }

  /** Plan anew soon: something that the plan depends on may have changed. */
  look(): void {
    if (!this._disposed) {
      void this.later.invoke();
    }
  }

  /** Take note of what the server says. */
  receive(event: StreamEvent): void {
    if (event.kind === 'reset') {
      void this.refresh();
    } else if (event.kind === 'step') {
      this.note(event.data as StepRunBrief);
    } else if (event.kind === 'progress') {
      const told = event.data as Progress & { step_run: string };
      this.progress.set(told.step_run, told);
      this.settle();
      this._changed.emit();
    }
  }

  dispose(): void {
    if (this._disposed) {
      return;
    }
    this._disposed = true;
    this.asked?.abort();
    this.later.dispose();
    Signal.clearData(this);
  }

  private note(run: StepRunBrief): void {
    if (this._pipeline?.notebook && run.notebook !== this._pipeline.notebook) {
      return; // another notebook of the project
    }
    const known = this.runs.get(run.cell);
    if (known !== undefined && known.id > run.id) {
      return; // an older one that ended late
    }
    this.runs.set(run.cell, run);
    if (ENDED.has(run.state)) {
      this.progress.delete(run.id);
      void this.later.invoke();
    }
    this.settle();
    this._changed.emit();
  }

  /** Bring the plan and what is live together, by cell. */
  private settle(): void {
    this.cells.clear();
    const behind = this.behind();
    for (const node of this._pipeline?.steps ?? []) {
      for (const part of node.parts) {
        const live = this.runs.get(part.cell);
        const ours = live !== undefined && live.notebook === this._pipeline?.notebook; // copies have the same cell ids
        const run = ours && (!part.last || live.id >= part.last.id) ? live : part.last ?? null;
        const progress = run === null ? null : this.progress.get(run.id) ?? null;
        this.cells.set(part.cell, { name: node.name, part, run, progress, behind: part.plan === 'unknown' ? behind.get(node.name) ?? '' : '' });
      }
    }
  }

  /** By the steps' names, which step above is to run. */
  private behind(): Map<string, string> {
    const found = new Map<string, string>();
    const runs = new Set((this._pipeline?.steps ?? []).filter(step => step.parts.some(part => part.plan === 'run')).map(step => step.name));
    const makers = new Map<string, string[]>();
    this._pipeline?.edges.forEach(({ source, target }) => makers.set(target, [...(makers.get(target) ?? []), source]));
    for (const { name } of this._pipeline?.steps ?? []) {
      for (const maker of makers.get(name) ?? []) {
        const which = runs.has(maker) ? maker : found.get(maker); // makers stand above: they have been looked at
        if (which !== undefined) {
          found.set(name, which);
        }
      }
    }
    return found;
  }

  /** The notebook as it stands in the editor, without its outputs: they are no part of the plan and may be large. */
  private text(): unknown {
    const notebook = this.panel.context.model.toJSON() as { cells?: Record<string, unknown>[] };
    const cells = (notebook.cells ?? []).map(cell => (cell['cell_type'] === 'code' ? { ...cell, outputs: [] } : cell));
    return { ...notebook, cells };
  }

  private onEdit(): void {
    void this.later.invoke();
  }

  private _pipeline: Pipeline | null = null;
  private _error = '';
  private _reason: Reason = 'refused';
  private _disposed = false;
  private _delay = AFTER_EDIT;
  private asked: AbortController | null = null;
  private later = new Debouncer(() => this.refresh(), AFTER_EDIT);
  private readonly cells = new Map<string, CellState>();
  private readonly runs = new Map<string, StepRunBrief>();
  private readonly progress = new Map<string, Progress>();
  private readonly _changed = new Signal<this, void>(this);
}
