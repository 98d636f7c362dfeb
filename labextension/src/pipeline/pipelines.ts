/** The pipelines of all open notebooks, and which of them is in front. */
import { INotebookTracker, NotebookActions, NotebookPanel } from '@jupyterlab/notebook';
import type { Contents } from '@jupyterlab/services';
import { Token } from '@lumino/coreutils';
import { ISignal, Signal } from '@lumino/signaling';

import type { Client } from '../api/client';
import { EventStream } from '../api/events';
import { PipelineModel } from './model';

/** What other plugins ask for. */
export const IPipelines = new Token<IPipelines>('steppe-lab:IPipelines', 'The pipelines of open notebooks.');

export interface IPipelines {
  readonly client: Client;
  readonly events: EventStream;
  /** The pipeline of the notebook in front, or null. */
  readonly current: PipelineModel | null;
  /** Emitted when another notebook comes to the front, or anything about the one in front has changed. */
  readonly changed: ISignal<IPipelines, void>;
  /** Whether to follow what happens, and how long after an edit to plan anew, in milliseconds. */
  configure(how: { liveUpdates: boolean; refreshDelay: number }): void;
  /** Return the pipeline of an open notebook. */
  of(panel: NotebookPanel): PipelineModel;
}

export class Pipelines implements IPipelines {
  constructor(
    readonly client: Client,
    private readonly tracker: INotebookTracker,
    contents: Contents.IManager
  ) {
    this.events = new EventStream(client);
    this.events.received.connect((_, event) => this.models.forEach(model => model.receive(event)));
    this.events.connected.connect((_, there) => there && this.models.forEach(model => model.error && model.look()));
    contents.fileChanged.connect((_, { type }) => type !== 'save' || this.current?.look());
    NotebookActions.executed.connect((_, { notebook, cell }) => {
      // a plain cell may have written files that steps read; what steps do is told by events
      this.models.forEach(model => model.panel.content === notebook && cell.model.type === 'code' && model.cell(cell.model.id) === null && model.look());
    });
    // who comes back to the page may have changed files that steps read
    window.addEventListener('focus', () => this.current?.look());
    tracker.currentChanged.connect(this.onFront, this);
    this.onFront();
  }

  readonly events: EventStream;

  get current(): PipelineModel | null {
    return this._current;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  configure(how: { liveUpdates: boolean; refreshDelay: number }): void {
    const changed = this.live !== how.liveUpdates;
    this.live = how.liveUpdates;
    this.delay = how.refreshDelay;
    this.models.forEach(model => (model.delay = how.refreshDelay));
    if (changed) {
      this.listen();
    }
  }

  of(panel: NotebookPanel): PipelineModel {
    let model = this.models.get(panel);
    if (model === undefined) {
      model = new PipelineModel(panel, this.client);
      model.delay = this.delay;
      this.models.set(panel, model);
      const made = model;
      made.changed.connect(() => {
        if (made === this._current) {
          this._changed.emit();
        }
      });
      panel.disposed.connect(() => {
        this.models.delete(panel);
        made.dispose();
      });
    }
    return model;
  }

  private onFront(): void {
    const panel = this.tracker.currentWidget;
    const model = panel === null || panel.isDisposed ? null : this.of(panel);
    if (model === this._current) {
      return;
    }
    this._current?.panel.context.pathChanged.disconnect(this.listen, this);
    this._current = model;
    model?.panel.context.pathChanged.connect(this.listen, this);
    this.listen();
    if (model?.pipeline) {
      void model.refresh(); // it heard nothing while another was in front
    }
    this._changed.emit();
  }

  private listen(): void {
    this.events.follow(this._current === null || !this.live ? null : { path: this._current.path });
  }

  private live = true;
  private delay = 500;
  private _current: PipelineModel | null = null;
  private readonly models = new Map<NotebookPanel, PipelineModel>();
  private readonly _changed = new Signal<this, void>(this);
}
