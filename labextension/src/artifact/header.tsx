/** The head of a column: its name, type, missing values, and how its values are spread. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Summary, TableColumn } from '../api/artifacts';
import { shortly } from './words';

interface Props {
  id: string;
  style: React.CSSProperties;
  at: number;
  column: TableColumn;
  summary: Summary | undefined;
  sort: 'ascending' | 'descending' | 'none';
  active: boolean;
  onSort: () => void;
  trans: TranslationBundle;
}

export function Header({ id, style, at, column, summary, sort, active, onSort, trans }: Props): JSX.Element {
  const mark = sort === 'none' ? '' : sort === 'ascending' ? ' ▲' : ' ▼';
  return (
    <div
      id={id}
      role="columnheader"
      aria-colindex={at + 2}
      aria-sort={sort}
      className={`steppe-grid-header${active ? ' steppe-mod-active' : ''}`}
      style={style}
      title={trans.__('Sort by %1', column.name)}
      onClick={onSort}
    >
      <div className="steppe-grid-name">
        <span className="steppe-grid-label">{column.name}</span>
        <span aria-hidden="true">{mark}</span>
      </div>
      <div className="steppe-grid-type">
        {column.type}
        {summary !== undefined && summary.nulls > 0 && ` · ${trans.__('%1 missing', summary.nulls.toLocaleString())}`}
      </div>
      {summary !== undefined && <Spread summary={summary} trans={trans} />}
    </div>
  );
}

function Spread({ summary, trans }: { summary: Summary; trans: TranslationBundle }): JSX.Element | null {
  const from = summary.min === null ? '' : shortly(summary.min);
  const to = summary.max === null ? '' : shortly(summary.max);
  if (summary.histogram !== null) {
    const { counts } = summary.histogram;
    const most = Math.max(...counts, 1);
    const label = trans.__('Histogram from %1 to %2', from, to);
    return (
      <>
        <svg className="steppe-grid-bars" viewBox={`0 0 ${counts.length} 1`} preserveAspectRatio="none" role="img" aria-label={label}>
          {counts.map((count, at) => (
            <rect key={at} x={at + 0.06} width={0.88} y={1 - count / most} height={count / most} />
          ))}
        </svg>
        <div className="steppe-grid-ends">
          <span>{from}</span>
          <span>{to}</span>
        </div>
      </>
    );
  }
  if (summary.top.length > 0 && summary.distinct !== null && summary.distinct < summary.rows) {
    const [top] = summary.top;
    const share = Math.round((100 * top.count) / Math.max(1, summary.rows - summary.nulls));
    return (
      <>
        <div className="steppe-grid-type">{trans.__('%1 different', summary.distinct.toLocaleString())}</div>
        <div className="steppe-grid-type">{`${shortly(top.value)} · ${share} %`}</div>
      </>
    );
  }
  return (
    <div className="steppe-grid-type">{summary.distinct === null ? trans.__('many different') : trans.__('all different')}</div>
  );
}
