/** Requests to Steppe's part of the Jupyter server. Knows no widget. */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import { nullTranslator, TranslationBundle } from '@jupyterlab/translation';

/** Where the server extension answers, below Jupyter's base URL. */
export const PREFIX = 'steppe/api';

/** Why there is no answer: `unanswered` by any server, none of ours there (`absent`), or `refused` in our server's own sentence. */
export type Reason = 'unanswered' | 'absent' | 'refused';

export class RefusedError extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly reason: Reason = 'refused'
  ) {
    super(message);
  }
}

export type Query = Record<string, string | number | boolean | null | undefined>;

export class Client {
  constructor(
    readonly settings: ServerConnection.ISettings = ServerConnection.makeSettings(),
    private readonly trans: TranslationBundle = nullTranslator.load('steppe')
  ) {}

  /** Return the URL of a route; what is null or undefined is not asked. */
  url(route: string, query: Query = {}): string {
    const asked = Object.entries(query).filter(([, value]) => value !== null && value !== undefined);
    const text = new URLSearchParams(asked.map(([name, value]) => [name, String(value)])).toString();
    return URLExt.join(this.settings.baseUrl, PREFIX, route) + (text ? `?${text}` : '');
  }

  async get<T>(route: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
    return this.answer<T>(await this.fetch(this.url(route, query), { method: 'GET', signal }));
  }

  async send<T>(method: 'POST' | 'PATCH' | 'PUT' | 'DELETE', route: string, body: unknown, query: Query = {}, signal?: AbortSignal): Promise<T> {
    const init = { method, body: JSON.stringify(body ?? {}), signal, headers: { 'Content-Type': 'application/json' } };
    return this.answer<T>(await this.fetch(this.url(route, query), init));
  }

  /** Make a request with Jupyter's own credentials; the body has not been read when this returns. */
  async fetch(url: string, init: RequestInit): Promise<Response> {
    // with `no-store`, Jupyter would add the time to the query; the server's answers are not to be stored as it is
    try {
      return await ServerConnection.makeRequest(url, { ...init, cache: 'no-cache' }, this.settings);
    } catch (error) {
      if (error instanceof ServerConnection.NetworkError) {
        const message = this.trans.__('The Jupyter server does not answer: start it again, or wait until it is back. What is shown is what was known last.');
        throw new RefusedError(message, 0, 'unanswered');
      }
      throw error;
    }
  }

  private async answer<T>(response: Response): Promise<T> {
    const text = await response.text();
    let body: unknown = null;
    try {
      body = text ? JSON.parse(text) : null;
    } catch {
      // not ours: a proxy's page, say
    }
    if (!response.ok) {
      const said = (body as { message?: string } | null)?.message;
      if (response.status === 404 && !said) {
        const message = this.trans.__(
          'Steppe’s server extension is not running: where the Jupyter server is installed, run “pip install steppe[lab]” and “jupyter server extension enable steppe_server”, then start the server again.'
        );
        throw new RefusedError(message, 404, 'absent');
      }
      throw new RefusedError(said || `${response.status} ${response.statusText}`, response.status);
    }
    return body as T;
  }
}
