/** Requests to Steppe's part of the Jupyter server. Knows no widget. */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

/** Where the server extension answers, below Jupyter's base URL. */
export const PREFIX = 'steppe/api';

/** What the server refused, in the server's own sentence. */
export class RefusedError extends Error {
  constructor(
    message: string,
    readonly status: number
  ) {
    super(message);
  }
}

export type Query = Record<string, string | number | boolean | null | undefined>;

export class Client {
  constructor(readonly settings: ServerConnection.ISettings = ServerConnection.makeSettings()) {}

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
    return ServerConnection.makeRequest(url, { ...init, cache: 'no-cache' }, this.settings);
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
      throw new RefusedError(said || `${response.status} ${response.statusText}`, response.status);
    }
    return body as T;
  }
}
