/** The pipeline of one open notebook: planned from its text as it is edited, and live while it runs. Knows no widget of ours. */
import type { NotebookPanel } from '@jupyterlab/notebook';
import { IDisposable } from '@lumino/disposable';
import { Debouncer } from '@lumino/polling';
import { ISignal, Signal } from '@lumino/signaling';

import { Client, Reason, RefusedError } from '../api/client';
import type { StreamEvent } from '../api/events';
import type { Part, Pipeline, StepRunBrief } from '../api/types';

const AFTER_EDIT = 500;

/** Milliseconds between two times at which who listens is told of what is live. */
const APART = 50;

/** What JupyterLab changes in a cell's metadata by itself: no plan depends on it. */
const PASSING = new Set(['execution', 'trusted', 'collapsed', 'scrolled', 'ExecuteTime']);

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
        panel.context.pathChanged.connect(this.onEnd, this);
        void this.refresh();
      }
    });
  }

  /** How long after an edit it is planned anew, in milliseconds. */
  set delay(milliseconds: number) {
    if (milliseconds !== this._delay && !this._disposed) {
      this._delay = milliseconds;
      this.later.dispose();
      this.later = new Debouncer(() => this.again(), milliseconds);
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
    this.old = false;
    try {
      const notebook = this.text();
      this.planned = JSON.stringify(notebook);
      const body = { path: this.path, notebook };
      this._pipeline = await this.client.send<Pipeline>('POST', 'pipeline', body, {}, asked.signal);
      this._error = '';
    } catch (error) {
      if (asked.signal.aborted) {
        return;
      }
      this._error = error instanceof Error ? error.message : String(error);
      this._reason = error instanceof RefusedError ? error.reason : 'refused';
      this.planned = '';
    }
    if (!this._disposed) {
      this.settle();
      this._changed.emit();
    }
  }

  /** Plan anew soon: something that the plan depends on may have changed. */
  look(): void {
    if (!this._disposed) {
      this.old = true;
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
      this.settleRun(told.step_run);
      this.tell();
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
      this.onEnd();
    }
    this.settleCell(run.cell);
    this.tell();
  }

  /** Bring the plan and what is live together, by cell. */
  private settle(): void {
    this.cells.clear();
    const behind = this.behind();
    for (const node of this._pipeline?.steps ?? []) {
      for (const part of node.parts) {
        this.cells.set(part.cell, { name: node.name, part, run: null, progress: null, behind: part.plan === 'unknown' ? behind.get(node.name) ?? '' : '' });
        this.settleCell(part.cell);
      }
    }
  }

  private settleCell(cell: string): void {
    const known = this.cells.get(cell);
    if (known !== undefined) {
      const { part } = known;
      const live = this.runs.get(cell);
      const ours = live !== undefined && live.notebook === this._pipeline?.notebook; // copies have the same cell ids
      const run = ours && (!part.last || live.id >= part.last.id) ? live : part.last ?? null;
      this.cells.set(cell, { ...known, run, progress: run === null ? null : this.progress.get(run.id) ?? null });
    }
  }

  private settleRun(run: string): void {
    for (const [cell, state] of this.cells) {
      if (state.run?.id === run) {
        this.settleCell(cell);
        return;
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

  /** Tell who listens that something has changed; of much that changes at once, once. */
  private tell(): void {
    if (!this.waits) {
      this.waits = true;
      setTimeout(() => {
        this.waits = false;
        this.told = performance.now();
        if (!this._disposed) {
          this._changed.emit();
        }
      }, Math.max(0, this.told + APART - performance.now()));
    }
  }

  /** The notebook as it stands in the editor, with what a plan depends on: outputs are no part of it and may be large. */
  private text(): { cells: unknown[] } {
    const { model } = this.panel.context;
    const metadata = { ...(model.sharedModel.getMetadata() as Record<string, unknown>) };
    const spec = metadata['kernelspec'] as { language?: string } | undefined;
    const info = metadata['language_info'] as { name?: string } | undefined;
    if (spec?.language && spec.language === info?.name) {
      delete metadata['language_info']; // the kernel writes it there when it has started, and it says nothing new
    }
    const cells = [...model.cells].map(({ id, type, sharedModel, metadata: given }) => {
      const kept = Object.fromEntries(Object.entries(given).filter(([name]) => !PASSING.has(name)));
      const cell = { cell_type: type, id, source: sharedModel.getSource(), metadata: kept };
      return type === 'code' ? { ...cell, outputs: [], execution_count: null } : cell;
    });
    return { cells, metadata, nbformat: model.nbformat, nbformat_minor: model.nbformatMinor } as { cells: unknown[] };
  }

  private onEdit(): void {
    void this.later.invoke();
  }

  private onEnd(): void {
    this.old = true;
    void this.later.invoke();
  }

  /** Plan anew, but where it is only said that something was edited and the text is that of the latest plan. */
  private async again(): Promise<void> {
    if (this.old || JSON.stringify(this.text()) !== this.planned) {
      await this.refresh();
    }
  }

  private _pipeline: Pipeline | null = null;
  private _error = '';
  private _reason: Reason = 'refused';
  private _disposed = false;
  private _delay = AFTER_EDIT;
  private planned = '';
  private old = false;
  private waits = false;
  private told = 0;
  private asked: AbortController | null = null;
  private later = new Debouncer(() => this.again(), AFTER_EDIT);
  private readonly cells = new Map<string, CellState>();
  private readonly runs = new Map<string, StepRunBrief>();
  private readonly progress = new Map<string, Progress>();
  private readonly _changed = new Signal<this, void>(this);
}
