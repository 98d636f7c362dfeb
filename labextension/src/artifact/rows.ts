/** The rows of a table as far as they were asked for: pages come when they are needed, and the oldest go. Knows no widget. */
import { ISignal, Signal } from '@lumino/signaling';

import type { Client } from '../api/client';
import type { Summaries, Summary, Table, TableColumn } from '../api/artifacts';

export const PAGE = 100;
export const WIDTH = 25;
const MOST = 80;
const AGAIN = 700;
const TOLD = 12;

export type Cell = string | number | boolean | null;

export interface Sorting {
  column: number;
  descending: boolean;
}

export class Rows {
  constructor(
    private readonly client: Pick<Client, 'get' | 'send'>,
    private readonly route: string,
    private readonly path: string,
    /** Where an array of more than two dimensions is cut through: `3,0`. */
    readonly at: string = ''
  ) {}

  columns: TableColumn[] = [];
  /** Rows of the value. */
  total = 0;
  /** Rows of them that can be shown. */
  shown = 0;
  sort: Sorting | null = null;
  /** Whether an order is being computed. */
  sorting = false;
  /** How far the whole order is, from 0 to 1, while it is being made; the first rows may be there before. */
  making: number | null = null;
  /** Why the latest page did not come; else empty. */
  error = '';
  /** Whether a page has come. */
  known = false;

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Return a cell; undefined where it has not come yet. */
  cell(row: number, column: number): Cell | undefined {
    const page = this.pages.get(this.key(Math.floor(row / PAGE), Math.floor(column / WIDTH)));
    return page?.[row % PAGE]?.[column % WIDTH] as Cell | undefined;
  }

  /** Return what is known of a column in short. */
  summary(column: number): Summary | undefined {
    return this.summaries.get(column);
  }

  /** Ask for what is missing of the rows from `top` up to `bottom`, and of the columns from `left` up to `right`. */
  need(top: number, bottom: number, left: number, right: number): void {
    for (let page = Math.floor(top / PAGE); page <= Math.floor(Math.max(top, bottom - 1) / PAGE); page++) {
      for (let part = Math.floor(left / WIDTH); part <= Math.floor(Math.max(left, right - 1) / WIDTH); part++) {
        const key = this.key(page, part);
        if (!this.pages.has(key) && !this.asked.has(key)) {
          void this.fetch(page, part, key);
        }
      }
    }
  }

  /** Ask for columns in short. */
  tell(left: number, right: number): void {
    for (let part = Math.floor(left / TOLD); part <= Math.floor(Math.max(left, right - 1) / TOLD); part++) {
      if (!this.told.has(part)) {
        this.told.add(part);
        void this.summarise(part);
      }
    }
  }

  /** Sort by a column: rising, falling, as it stands. */
  turn(column: number): void {
    const now = this.sort;
    if (now === null || now.column !== column) {
      this.sort = { column, descending: false };
    } else {
      this.sort = now.descending ? null : { column, descending: true };
    }
    this.forget();
    this._changed.emit();
  }

  /** Give up the order that is being made: the rows come as they stand. */
  async stop(): Promise<void> {
    const sort = this.sort?.column;
    if (sort === undefined) {
      return;
    }
    this.sort = null;
    this.forget();
    this._changed.emit();
    try {
      await this.client.send('DELETE', `${this.route}/table`, undefined, { path: this.path, sort, at: this.at || null });
    } catch {
      // it has come to its end by itself, or its process is gone
    }
  }

  /** Try again what has failed. */
  retry(): void {
    this.error = '';
    this.forget();
    this._changed.emit();
  }

  dispose(): void {
    this.life.abort();
    this.abort.abort();
    Signal.clearData(this);
  }

  private forget(): void {
    this.abort.abort();
    this.abort = new AbortController();
    this.pages.clear();
    this.asked.clear();
    this.sorting = false;
    this.making = null;
    this.watched = false;
  }

  /** Follow an order that is being made, while its first rows are seen. */
  private async watch(): Promise<void> {
    const { signal } = this.abort;
    const query = { path: this.path, offset: 0, limit: 1, left: 0, width: 1, at: this.at || null, sort: this.sort?.column ?? null };
    this.watched = true;
    try {
      for (;;) {
        await new Promise(done => setTimeout(done, AGAIN));
        const found = signal.aborted ? null : await this.client.get<Table>(`${this.route}/table`, query, signal);
        if (found === null || signal.aborted) {
          return;
        }
        this.making = found.sorting ? (found.progress ?? this.making) : null;
        this._changed.emit();
        if (!found.sorting) {
          break;
        }
      }
    } catch {
      this.making = null; // whoever asks for a page that needs the order is told why there is none
    }
    if (!signal.aborted) {
      this.watched = false;
      this._changed.emit();
    }
  }

  private async fetch(page: number, part: number, key: string): Promise<void> {
    const { signal } = this.abort;
    this.asked.add(key);
    const query = {
      path: this.path,
      offset: page * PAGE,
      limit: PAGE,
      left: part * WIDTH,
      width: WIDTH,
      at: this.at || null,
      sort: this.sort?.column ?? null,
      descending: this.sort?.descending || null
    };
    try {
      let found = await this.client.get<Table>(`${this.route}/table`, query, signal);
      while (found.sorting && found.rows.length === 0 && !signal.aborted) {
        this.sorting = true;
        this.making = found.progress ?? this.making;
        this._changed.emit();
        await new Promise(done => setTimeout(done, AGAIN));
        if (signal.aborted) {
          return;
        }
        found = await this.client.get<Table>(`${this.route}/table`, query, signal);
      }
      if (signal.aborted) {
        return;
      }
      this.take(found, key);
    } catch (error) {
      if (signal.aborted) {
        return;
      }
      this.error = error instanceof Error ? error.message : String(error);
    }
    this._changed.emit();
  }

  private take(found: Table, key: string): void {
    this.columns = found.columns;
    this.total = found.total;
    this.shown = found.shown;
    this.known = true;
    this.error = '';
    this.sorting = false;
    if (!found.sorting) {
      this.making = null;
    } else if (!this.watched) {
      this.making = found.progress ?? 0;
      void this.watch();
    }
    this.asked.delete(key);
    this.pages.set(key, found.rows);
    for (const oldest of this.pages.keys()) {
      if (this.pages.size <= MOST) {
        break;
      }
      this.pages.delete(oldest);
    }
  }

  private async summarise(part: number): Promise<void> {
    const { signal } = this.life;
    const query = { path: this.path, left: part * TOLD, width: TOLD };
    try {
      for (let pending = true; pending && !signal.aborted; ) {
        const found = await this.client.get<Summaries>(`${this.route}/columns`, query, signal);
        found.items.forEach(item => this.summaries.set(item.column, item));
        pending = found.pending;
        this._changed.emit();
      }
    } catch {
      // a header without its histogram is still a header; the page says what is wrong with the bytes
    }
  }

  private key(page: number, part: number): string {
    return `${page}:${part}`;
  }

  private abort = new AbortController();
  private watched = false;
  private readonly life = new AbortController();
  private readonly pages = new Map<string, unknown[][]>();
  private readonly asked = new Set<string>();
  private readonly told = new Set<number>();
  private readonly summaries = new Map<number, Summary>();
  private readonly _changed = new Signal<this, void>(this);
}
