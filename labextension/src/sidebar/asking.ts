/** Asking the server from a React view: loading, refused, or there; what is old stays until the new has come. */
import React from 'react';

import type { Client, Query } from '../api/client';

/** A list as the server tells it: some of it, and where to go on; null at its end. */
export interface Page<T> {
  items: T[];
  next: string | null;
}

export interface Asked<T> {
  data: T | null;
  error: string;
  loading: boolean;
  again: () => void;
}

/** Ask a route whenever it or its query changes; null asks nothing. */
export function useAsked<T>(client: Client, route: string | null, query: Query): Asked<T> {
  return useAnswer(client, route, query, '', (which, signal) => client.get<T>(which, query, signal));
}

/** Ask for a list likewise: its first page, and `more` whenever one asks for it; null where there is no more. */
export function usePages<T>(client: Client, route: string | null, query: Query): Asked<Page<T>> & { more: (() => void) | null } {
  const key = route === null ? '' : client.url(route, query);
  const [wanted, setWanted] = React.useState({ key, pages: 1 });
  const pages = wanted.key === key ? wanted.pages : 1;
  const asked = useAnswer<Page<T>>(client, route, query, String(pages), async (which, signal) => {
    const found: Page<T> = { items: [], next: null };
    for (let page = 0; page === 0 || (page < pages && found.next !== null); page++) {
      const { items, next } = await client.get<Page<T>>(which, { ...query, after: found.next }, signal);
      found.items.push(...items);
      found.next = next;
    }
    return found;
  });
  return { ...asked, more: asked.data?.next ? () => setWanted({ key, pages: pages + 1 }) : null };
}

function useAnswer<T>(client: Client, route: string | null, query: Query, more: string, get: (route: string, signal: AbortSignal) => Promise<T>): Asked<T> {
  const [state, setState] = React.useState<{ key: string; data: T | null; error: string; loading: boolean }>({ key: '', data: null, error: '', loading: false });
  const [turn, setTurn] = React.useState(0);
  const key = route === null ? '' : client.url(route, query);
  const kept = React.useRef(route);
  React.useEffect(() => {
    if (route === null) {
      setState({ key, data: null, error: '', loading: false });
      return;
    }
    const abort = new AbortController();
    const same = kept.current === route;
    kept.current = route;
    setState(before => ({ key, data: same ? before.data : null, error: '', loading: true }));
    get(route, abort.signal)
      .then(data => !abort.signal.aborted && setState({ key, data, error: '', loading: false }))
      .catch((error: Error) => !abort.signal.aborted && setState({ key, data: null, error: error.message, loading: false }));
    return () => abort.abort();
  }, [key, more, turn]);
  const again = React.useCallback(() => setTurn(before => before + 1), []); // the same for good: who waits for it may be of an earlier drawing
  return { ...state, again };
}
