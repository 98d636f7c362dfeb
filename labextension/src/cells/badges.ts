/** The badges of one view of a notebook: which cells have one, and when they say something else. */
import type { Cell } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import type { PipelineModel } from '../pipeline/model';
import { Badge } from './badge';
import { HandedCells } from './handed';
import { isStep, stepLine } from './marks';
import { Handed, Words, wordsOf } from './words';

const TICK = 1000;
const AGE = 60_000;

export interface Shown {
  badges: boolean;
  savedTime: boolean;
}

export class Badges implements IDisposable {
  constructor(
    readonly panel: NotebookPanel,
    private readonly model: PipelineModel,
    private readonly open: (cell: string) => void,
    private readonly shown: () => Shown,
    private readonly trans: TranslationBundle
  ) {
    this.handed = new HandedCells(panel.content, panel.sessionContext, cell => model.cell(cell)?.run?.id ?? '');
    this.handed.changed.connect(this.later, this);
    model.changed.connect(this.later, this);
    panel.content.modelChanged.connect(this.onModel, this);
    panel.sessionContext.kernelChanged.connect(this.onKernel, this);
    panel.sessionContext.statusChanged.connect(this.onStatus, this);
    this.onModel();
    this.aging = setInterval(() => this.update(), AGE);
  }

  /** The cells that were handed to the kernel. */
  readonly handed: HandedCells;

  get isDisposed(): boolean {
    return this._disposed;
  }

  /** Bring all badges up to date with the next frame. */
  later(): void {
    if (!this.waits && !this._disposed) {
      this.waits = true;
      requestAnimationFrame(() => {
        this.waits = false;
        this.update();
      });
    }
  }

  /** What the badge of a cell says, or null where it has none. */
  words(cell: string): Words | null {
    return this.badges.get(cell)?.words ?? null;
  }

  dispose(): void {
    if (this._disposed) {
      return;
    }
    this._disposed = true;
    clearInterval(this.aging);
    clearInterval(this.ticking);
    this.handed.dispose();
    this.badges.forEach(badge => badge.remove());
    this.badges.clear();
    Signal.clearData(this);
  }

  private update(): void {
    if (this._disposed || this.panel.isDisposed) {
      return;
    }
    const { badges: wanted, savedTime } = this.shown();
    const now = Date.now() / 1000;
    const handed = this.told();
    const gone = new Set(this.badges.keys());
    let ticks = false;
    for (const cell of wanted ? this.panel.content.widgets : []) {
      const id = cell.model.id;
      const state = this.model.cell(id);
      if (cell.model.type !== 'code' || (state === null && !this.isStep(cell))) {
        continue;
      }
      gone.delete(id);
      const around = { now, handed: handed.get(id) ?? null, showSaved: savedTime, error: this.model.error, reason: this.model.reason };
      const words = wordsOf(state, around, this.trans);
      ticks = ticks || words.ticks;
      this.badge(cell).say(words);
    }
    for (const id of gone) {
      this.badges.get(id)?.remove();
      this.badges.delete(id);
    }
    this.tick(ticks);
  }

  private tick(wanted: boolean): void {
    if (wanted !== (this.ticking !== undefined)) {
      clearInterval(this.ticking);
      this.ticking = wanted ? setInterval(() => this.panel.isVisible && this.update(), TICK) : undefined;
    }
  }

  /** Return a cell's badge; one that was moved has another widget than before. */
  private badge(cell: Cell): Badge {
    const id = cell.model.id;
    let badge = this.badges.get(id);
    if (badge === undefined || badge.cell !== cell) {
      badge?.remove();
      badge = new Badge(cell, () => this.open(id));
      this.badges.set(id, badge);
    }
    return badge;
  }

  private told(): Map<string, Handed> {
    const [first, ...rest] = this.handed.queue;
    const found = new Map<string, Handed>();
    if (first !== undefined) {
      found.set(first.cell, { since: first.since, before: first.before, behind: '' });
      const behind = this.model.cell(first.cell)?.name || this.trans.__('another cell');
      rest.forEach(each => found.set(each.cell, { since: 0, before: each.before, behind }));
    }
    return found;
  }

  private isStep(cell: Cell): boolean {
    const shared = cell.model.sharedModel;
    return stepLine(shared.getSource()) !== null || isStep({ source: '', metadata: cell.model.metadata });
  }

  private onModel(): void {
    this.panel.content.model?.cells.changed.connect(this.later, this);
    this.panel.content.model?.contentChanged.connect(this.later, this);
    this.later();
  }

  private onKernel(): void {
    this.handed.clear();
  }

  private onStatus(_: unknown, status: string): void {
    if (status === 'restarting' || status === 'autorestarting' || status === 'dead' || status === 'terminating') {
      this.handed.clear();
    }
  }

  private readonly badges = new Map<string, Badge>();
  private ticking: ReturnType<typeof setInterval> | undefined;
  private readonly aging: ReturnType<typeof setInterval>;
  private waits = false;
  private _disposed = false;
}
