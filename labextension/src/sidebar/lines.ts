/** The lines of a log by pages, as they are scrolled to. Knows no widget. */
import type { Client } from '../api/client';
import type { Line, Log } from '../api/types';

const PAGE = 500;

/** The pages of one log that were asked for, and how long it is so far. */
export class Lines {
  constructor(
    private readonly client: Client,
    private readonly path: string,
    private readonly stepRun: string,
    private readonly search: string,
    private readonly changed: () => void
  ) {}

  total = 0;
  live = false;
  error = '';

  /** Return a line, or null where it is still to come; ask for its page then. */
  at(number: number): Line | null {
    const page = Math.floor(number / PAGE);
    const found = this.pages.get(page);
    if (found === undefined) {
      void this.ask(page);
    }
    return found?.[number % PAGE] ?? null;
  }

  /** Ask for the last page again: a live log has grown. */
  async refresh(): Promise<void> {
    await this.ask(Math.max(0, Math.floor((this.total - 1) / PAGE)), true);
  }

  end(): void {
    this.ended = true;
  }

  private async ask(page: number, again = false): Promise<void> {
    if (this.ended || (this.asking.has(page) && !again)) {
      return;
    }
    this.asking.add(page);
    try {
      const query = { path: this.path, offset: page * PAGE, limit: PAGE, search: this.search };
      const log = await this.client.get<Log>(`step-runs/${this.stepRun}/logs`, query);
      const grown = Math.floor((log.total - 1) / PAGE) > page;
      this.pages.set(page, log.lines);
      if (grown && !this.pages.has(page + 1)) {
        this.asking.delete(page + 1);
      }
      this.total = log.total;
      this.live = log.live;
      this.error = '';
    } catch (error) {
      this.error = error instanceof Error ? error.message : String(error);
      this.asking.delete(page);
    }
    if (!this.ended) {
      this.changed();
    }
  }

  private ended = false;
  private readonly pages = new Map<number, Line[]>();
  private readonly asking = new Set<number>();
}
