/** A step's log: only the lines in sight are drawn, whatever its length; a live one is followed. */
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { Client } from '../api/client';
import type { EventStream } from '../api/events';
import { Lines } from './lines';

const HEIGHT = 17;
const ROWS = 14;

export interface LogProps {
  client: Client;
  events: EventStream;
  path: string;
  stepRun: string;
  trans: TranslationBundle;
}

export function LogView({ client, events, path, stepRun, trans }: LogProps): JSX.Element {
  const [search, setSearch] = React.useState('');
  const [top, setTop] = React.useState(0);
  const [, redraw] = React.useReducer((count: number) => count + 1, 0);
  const frame = React.useRef<HTMLDivElement>(null);
  const following = React.useRef(true);
  const asked = React.useRef(0);
  const later = (): void => {
    asked.current = asked.current || requestAnimationFrame(() => {
      asked.current = 0;
      redraw();
    });
  };
  const lines = React.useMemo(() => new Lines(client, events, path, stepRun, search, later), [client, events, path, stepRun, search]);
  React.useEffect(() => {
    lines.at(0);
    return () => lines.dispose();
  }, [lines]);
  React.useEffect(() => {
    if (lines.live && following.current && frame.current !== null) {
      frame.current.scrollTop = frame.current.scrollHeight;
    }
  });
  const first = Math.max(0, Math.floor(top / HEIGHT) - 4);
  const last = Math.min(lines.total, first + ROWS + 8);
  const rows = Array.from({ length: Math.max(0, last - first) }, (_, row) => first + row);
  return (
    <div className="steppe-Log">
      <input type="search" className="steppe-Input" placeholder={trans.__('Search the log')} aria-label={trans.__('Search the log')} value={search} onChange={event => setSearch(event.target.value)} />
      {lines.error && <p className="steppe-Error">{lines.error}</p>}
      {lines.total === 0 ? (
        <p className="steppe-Quiet">{search ? trans.__('No line holds that.') : trans.__('It wrote nothing.')}</p>
      ) : (
        <div
          className="steppe-Log-frame"
          ref={frame}
          tabIndex={0}
          role="log"
          aria-label={trans.__('Log, %1 lines', lines.total)}
          style={{ height: Math.min(ROWS, lines.total + 0.5) * HEIGHT }}
          onScroll={event => {
            const at = event.currentTarget;
            following.current = at.scrollTop + at.clientHeight > at.scrollHeight - 2 * HEIGHT;
            setTop(at.scrollTop);
          }}
        >
          <div style={{ height: lines.total * HEIGHT, position: 'relative' }}>
            {rows.map(number => {
              const line = lines.at(number);
              return (
                <div key={number} className="steppe-Log-line" data-stream={line?.stream} style={{ top: number * HEIGHT, height: HEIGHT }}>
                  {line?.text ?? '…'}
                </div>
              );
            })}
          </div>
        </div>
      )}
    </div>
  );
}
