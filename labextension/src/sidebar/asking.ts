/** Asking the server from a React view: loading, refused, or there; what is old stays until the new has come. */
import React from 'react';

import type { Client, Query } from '../api/client';

export interface Asked<T> {
  data: T | null;
  error: string;
  loading: boolean;
  again: () => void;
}

/** Ask a route whenever it or its query changes; null asks nothing. */
export function useAsked<T>(client: Client, route: string | null, query: Query): Asked<T> {
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
    client
      .get<T>(route, query, abort.signal)
      .then(data => !abort.signal.aborted && setState({ key, data, error: '', loading: false }))
      .catch((error: Error) => !abort.signal.aborted && setState({ key, data: null, error: error.message, loading: false }));
    return () => abort.abort();
  }, [key, turn]);
  return { ...state, again: () => setTurn(turn + 1) };
}
