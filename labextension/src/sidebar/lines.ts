/** The lines of a log: those that are scrolled to by pages, and those of a step that runs as it writes them. Knows no widget. */
import { IDisposable } from '@lumino/disposable';

import type { Client } from '../api/client';
import type { EventStream, StreamEvent } from '../api/events';
import type { Line, Log, Logged } from '../api/types';

const PAGE = 500;

/** Pages that are kept: a log may be longer than a browser's memory. */
const KEPT = 100;

/** Milliseconds between two questions where lines of a running step are searched for: the server finds them. */
const POLL = 700;

/** What is known of one log, and how long it is so far. */
export class Lines implements IDisposable {
  constructor(
    private readonly client: Client,
    private readonly events: EventStream,
    private readonly path: string,
    private readonly stepRun: string,
    private readonly search: string,
    private readonly changed: () => void
  ) {
    events.received.connect(this.receive, this);
  }

  total = 0;
  live = false;
  error = '';

  get isDisposed(): boolean {
    return this.ended;
  }

  /** Return a line, or null where it is still to come; ask for its page then. */
  at(number: number): Line | null {
    const page = Math.floor(number / PAGE);
    const found = this.pages.get(page)?.[number % PAGE];
    if (found === undefined) {
      void this.ask(page);
    }
    return found ?? null;
  }

  /** Ask for the last page again: the log may have grown. */
  async refresh(): Promise<void> {
    await this.ask(Math.max(0, Math.floor((this.total - 1) / PAGE)), true);
  }

  dispose(): void {
    this.ended = true;
    this.events.received.disconnect(this.receive, this);
    this.following?.dispose();
    clearInterval(this.polling);
  }

  private async ask(page: number, again = false): Promise<void> {
    if (this.ended || (this.asking.has(page) && !again)) {
      return;
    }
    this.asking.add(page);
    try {
      const query = { path: this.path, offset: page * PAGE, limit: PAGE, search: this.search };
      const log = await this.client.get<Log>(`step-runs/${this.stepRun}/logs`, query);
      log.lines.forEach((line, at) => this.put(page * PAGE + at, line));
      this.total = log.live && !this.search ? Math.max(this.total, log.total) : log.total;
      this.live = log.live;
      this.error = '';
      if (log.lines.length < PAGE) {
        this.asking.delete(page); // more of it may come
      }
      this.follow();
    } catch (error) {
      this.error = error instanceof Error ? error.message : String(error);
      this.asking.delete(page);
    }
    if (!this.ended) {
      this.changed();
    }
  }

  /** Hear of new lines while there may be any. */
  private follow(): void {
    if (this.ended || !this.live) {
      this.following?.dispose();
      clearInterval(this.polling);
      this.following = this.polling = undefined;
    } else if (this.search) {
      this.polling = this.polling ?? setInterval(() => void this.refresh(), POLL);
    } else {
      this.following = this.following ?? this.events.followLog(this.stepRun, () => Math.max(0, this.total - 1)); // the last may have grown
    }
  }

  private receive(_: EventStream, { kind, data }: StreamEvent): void {
    const told = data as Logged;
    if (kind !== 'log' || told.step_run !== this.stepRun || this.search) {
      return;
    }
    told.lines.forEach(line => this.put(line.number, line));
    this.total = Math.max(this.total, told.total);
    if (!told.live) {
      this.live = false;
      this.follow();
      void this.refresh();
    }
    this.changed();
  }

  private put(number: number, line: Line): void {
    const page = Math.floor(number / PAGE);
    const lines = this.pages.get(page) ?? [];
    this.pages.set(page, lines);
    lines[number % PAGE] = line;
    if (this.pages.size > KEPT) {
      const [oldest] = [...this.pages.keys()].filter(each => each !== page);
      this.pages.delete(oldest);
      this.asking.delete(oldest);
    }
  }

  private ended = false;
  private following: IDisposable | undefined;
  private polling: ReturnType<typeof setInterval> | undefined;
  private readonly pages = new Map<number, Line[]>();
  private readonly asking = new Set<number>();
}
