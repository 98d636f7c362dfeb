/** Server-sent events that go on after a lost connection where they had ended. Knows no widget. */
import { DisposableDelegate, IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';
import { createParser } from 'eventsource-parser';

import type { Client, Query } from './client';

export interface StreamEvent {
  /** `step`, `run`, `metric`, `log`, `progress`, or `reset`: what was known may be old, ask anew. */
  kind: string;
  data: unknown;
}

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 15_000;

/**
 * One connection at most: browsers allow six to a server, and each notebook's kernels need some. `follow` says what it is
 * for, and may be called again at any time.
 */
export class EventStream implements IDisposable {
  constructor(private readonly client: Client) {}

  get received(): ISignal<this, StreamEvent> {
    return this._received;
  }

  /** Emitted when the connection is lost (false) and when it is there again (true). */
  get connected(): ISignal<this, boolean> {
    return this._connected;
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  /** Follow what the query asks for from now on; null ends it. */
  follow(query: Query | null): void {
    this.query = query;
    this.last = '';
    this.begin();
  }

  /**
   * Hear the lines of a StepRun too, until what is returned is disposed of.
   *
   * @param known tells how many of them are known; a lost connection goes on after those.
   */
  followLog(stepRun: string, known: () => number): IDisposable {
    const log = { stepRun, known };
    this.logs.add(log);
    this.beginSoon();
    return new DisposableDelegate(() => {
      this.logs.delete(log);
      this.beginSoon();
    });
  }

  dispose(): void {
    if (this._disposed) {
      return;
    }
    this._disposed = true;
    this.follow(null);
    Signal.clearData(this);
  }

  /** Connect anew, after what was heard last: once, although one log may end as another begins. */
  private beginSoon(): void {
    if (!this.soon) {
      this.soon = true;
      queueMicrotask(() => {
        this.soon = false;
        this.begin();
      });
    }
  }

  private begin(): void {
    this.abort?.abort();
    this.abort = null;
    if (this.query !== null && !this._disposed) {
      this.abort = new AbortController();
      void this.run(this.query, this.abort.signal);
    }
  }

  private async run(query: Query, signal: AbortSignal): Promise<void> {
    let pause = FIRST_PAUSE;
    while (!signal.aborted) {
      try {
        await this.read(query, signal, () => {
          pause = FIRST_PAUSE;
          this._connected.emit(true);
        });
      } catch {
        // lost, or refused: try again below
      }
      if (signal.aborted) {
        return;
      }
      this._connected.emit(false);
      await new Promise(done => setTimeout(done, pause * (0.75 + Math.random() / 2)));
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    }
  }

  private async read(query: Query, signal: AbortSignal, opened: () => void): Promise<void> {
    const logs = [...this.logs].map(({ stepRun, known }) => `${stepRun}:${known()}`).join(',');
    const url = this.client.url('events', { ...query, ...(logs && { logs }), ...(this.last && { last: this.last }) });
    const response = await this.client.fetch(url, { signal, headers: { Accept: 'text/event-stream' } });
    if (!response.ok || response.body === null) {
      throw new Error(response.statusText);
    }
    opened();
    const parser = createParser({
      onEvent: event => {
        if (signal.aborted) {
          return; // the next connection tells it again
        }
        this.last = event.id || this.last;
        if (event.event !== 'here') { // that says only where we are
          this._received.emit({ kind: event.event || 'message', data: event.data ? JSON.parse(event.data) : null });
        }
      }
    });
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        return;
      }
      parser.feed(value);
    }
  }

  private abort: AbortController | null = null;
  private query: Query | null = null;
  private soon = false;
  private readonly logs = new Set<{ stepRun: string; known: () => number }>();
  private last = '';
  private _disposed = false;
  private _received = new Signal<this, StreamEvent>(this);
  private _connected = new Signal<this, boolean>(this);
}
