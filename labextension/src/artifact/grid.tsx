/**
 * A table that draws only what is in view. Grids at hand give each row its pixels, and so end where a browser's tallest
 * element does, at a million rows or so; this one scrolls by rows. It is read by screen readers as what it is.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { copy } from './copying';
import { Header } from './header';
import type { Cell, Rows } from './rows';
import { Cursor, Extent, firstRow, lastFirst, moved, rowsSeen, scrollTop, spaceOf } from './scrolling';
import { fitting } from './words';

const ROW = 24;
const HEAD = 92;
const COLUMN = 150;
const NUMBER = 84;

interface Props {
  rows: Rows;
  label: string;
  /** Whether columns are told in short. */
  summaries: boolean;
  trans: TranslationBundle;
}

export function Grid({ rows, label, summaries, trans }: Props): JSX.Element {
  const node = React.useRef<HTMLDivElement>(null);
  const id = React.useId();
  const [, redraw] = React.useReducer((count: number) => count + 1, 0);
  const [size, setSize] = React.useState({ width: 0, height: 0 });
  const [first, setFirst] = React.useState(0);
  const [x, setX] = React.useState(0);
  const [cursor, setCursor] = React.useState<Cursor>({ row: 0, column: 0 });
  const ours = React.useRef(-1);
  const head = summaries ? HEAD : 46;

  React.useEffect(() => {
    rows.changed.connect(redraw);
    return () => {
      rows.changed.disconnect(redraw);
    };
  }, [rows]);
  React.useEffect(() => {
    const element = node.current;
    if (element === null) {
      return;
    }
    const observer = new ResizeObserver(() => setSize({ width: element.clientWidth, height: element.clientHeight }));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const extent: Extent = { total: rows.shown, row: ROW, view: Math.max(ROW, size.height - head) };
  const count = rows.columns.length;
  const left = Math.max(0, Math.floor(x / COLUMN));
  const right = Math.min(count || 25, left + Math.ceil(size.width / COLUMN) + 1);
  const bottom = Math.min(extent.total, first + rowsSeen(extent) + 1);

  React.useEffect(() => {
    if (size.height > 0) {
      const timer = setTimeout(() => {
        rows.need(first, Math.max(first + 1, bottom), left, Math.max(left + 1, right));
        if (summaries && count > 0) {
          rows.tell(left, right);
        }
      }, 30);
      return () => clearTimeout(timer);
    }
    return undefined;
  });

  const show = (row: number): void => {
    const to = Math.max(0, Math.min(lastFirst(extent), Math.round(row)));
    setFirst(to);
    const element = node.current;
    if (element !== null) {
      ours.current = Math.round(scrollTop(to, extent));
      element.scrollTop = ours.current;
    }
  };
  const onScroll = (): void => {
    const element = node.current;
    if (element === null) {
      return;
    }
    setX(element.scrollLeft);
    if (Math.abs(element.scrollTop - ours.current) > 1) {
      ours.current = -1;
      setFirst(firstRow(element.scrollTop, extent));
    }
  };
  const wheeled = React.useRef(0);
  const onWheel = React.useRef<(event: WheelEvent) => void>(() => undefined);
  onWheel.current = event => {
    if (Math.abs(event.deltaY) <= Math.abs(event.deltaX) || event.shiftKey || lastFirst(extent) === 0) {
      return;
    }
    event.preventDefault();
    wheeled.current += event.deltaMode === 1 ? event.deltaY : event.deltaY / ROW;
    const whole = Math.trunc(wheeled.current);
    if (whole !== 0) {
      wheeled.current -= whole;
      show(first + whole);
    }
  };
  React.useEffect(() => {
    const element = node.current;
    const listen = (event: WheelEvent): void => onWheel.current(event);
    element?.addEventListener('wheel', listen, { passive: false }); // React's own listener could not hold the page still
    return () => element?.removeEventListener('wheel', listen);
  }, []);

  const move = (to: Cursor): void => {
    setCursor(to);
    if (to.row >= 0 && (to.row < first || to.row >= first + rowsSeen(extent))) {
      show(to.row < first ? to.row : to.row - rowsSeen(extent) + 1);
    }
    const element = node.current;
    if (element !== null) {
      const start = to.column * COLUMN;
      if (start < element.scrollLeft) {
        element.scrollLeft = start;
      } else if (start + COLUMN > element.scrollLeft + element.clientWidth - NUMBER) {
        element.scrollLeft = start + COLUMN - element.clientWidth + NUMBER;
      }
    }
  };
  const onKeyDown = (event: React.KeyboardEvent): void => {
    if (event.altKey) {
      return;
    }
    if ((event.key === 'Enter' || event.key === ' ') && cursor.row === -1) {
      event.preventDefault();
      sort(cursor.column);
      return;
    }
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'c') {
      event.preventDefault(); // else what is selected on the page would be copied over it
      const value = rows.cell(cursor.row, cursor.column);
      void copy(value === null || value === undefined ? '' : String(value));
      return;
    }
    const to = moved(cursor, event.key, event.ctrlKey || event.metaKey, extent, count);
    if (to !== null && count > 0) {
      event.preventDefault();
      event.stopPropagation();
      move(to);
    }
  };
  const sort = (column: number): void => {
    rows.turn(column);
    show(0);
  };

  const shownColumns = Array.from({ length: Math.max(0, Math.min(right, count) - left) }, (_, at) => left + at);
  const shownRows = Array.from({ length: Math.max(0, bottom - first) }, (_, at) => first + at);
  const place = (column: number): React.CSSProperties => ({ left: NUMBER + column * COLUMN - x, width: COLUMN });
  const cellId = (row: number, column: number): string => `${id}-${row}-${column}`;
  const active = cursor.column >= left && cursor.column < right && (cursor.row === -1 || (cursor.row >= first && cursor.row < bottom));

  return (
    <div
      ref={node}
      className="steppe-grid"
      role="grid"
      tabIndex={0}
      aria-label={label}
      aria-rowcount={rows.total + 1}
      aria-colcount={count + 1}
      aria-busy={rows.sorting || !rows.known}
      aria-activedescendant={active && count > 0 ? cellId(cursor.row, cursor.column) : undefined}
      onScroll={onScroll}
      onKeyDown={onKeyDown}
    >
      <div
        className="steppe-grid-space"
        role="presentation"
        style={{ width: NUMBER + count * COLUMN, height: head + spaceOf(extent) }}
      >
        <div className="steppe-grid-window" role="presentation" style={{ width: size.width, height: size.height }}>
          <div className="steppe-grid-head" role="row" aria-rowindex={1} style={{ height: head }}>
            {shownColumns.map(column => (
              <Header
                key={column}
                id={cellId(-1, column)}
                style={place(column)}
                at={column}
                column={rows.columns[column]}
                summary={rows.summary(column)}
                sort={rows.sort?.column === column ? (rows.sort.descending ? 'descending' : 'ascending') : 'none'}
                active={cursor.row === -1 && cursor.column === column}
                onSort={() => {
                  setCursor({ row: -1, column });
                  sort(column);
                }}
                trans={trans}
              />
            ))}
            <div className="steppe-grid-corner" role="columnheader" aria-colindex={1} style={{ width: NUMBER, height: head }}>
              {trans.__('row')}
            </div>
          </div>
          {shownRows.map((row, at) => (
            <div key={row} role="row" aria-rowindex={row + 2} className="steppe-grid-row" style={{ top: head + at * ROW, height: ROW }}>
              {shownColumns.map(column => (
                <GridCell
                  key={column}
                  id={cellId(row, column)}
                  at={column}
                  value={rows.cell(row, column)}
                  active={cursor.row === row && cursor.column === column}
                  style={place(column)}
                  onClick={() => setCursor({ row, column })}
                />
              ))}
              <div role="rowheader" aria-colindex={1} className="steppe-grid-number" style={{ width: NUMBER }}>
                {rows.sort === null ? row.toLocaleString() : `${(row + 1).toLocaleString()}.`}
              </div>
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}

interface CellProps {
  id: string;
  at: number;
  value: Cell | undefined;
  active: boolean;
  style: React.CSSProperties;
  onClick: () => void;
}

function GridCell({ id, at, value, active, style, onClick }: CellProps): JSX.Element {
  const number = typeof value === 'number' || value === 'nan' || value === 'inf' || value === '-inf';
  const missing = value === null || value === 'nan';
  const kind = `${number ? ' steppe-mod-number' : ''}${missing ? ' steppe-mod-missing' : ''}${active ? ' steppe-mod-active' : ''}`;
  const text = value === undefined ? '' : fitting(value);
  const whole = value === undefined || value === null ? '' : String(value);
  return (
    <div
      id={id}
      role="gridcell"
      aria-colindex={at + 2}
      aria-selected={active}
      className={`steppe-grid-cell${kind}`}
      style={style}
      title={whole !== text || text.length > 18 ? whole : undefined}
      onClick={onClick}
    >
      {value === undefined ? <span className="steppe-grid-coming" /> : text}
    </div>
  );
}
