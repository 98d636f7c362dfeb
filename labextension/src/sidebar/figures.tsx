/** The figures of a step in two runs, side by side; those of Plotly can be used as ever. */
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import '../../style/artifact.css';

import type { Content } from '../api/artifacts';
import type { Client } from '../api/client';
import type { components } from '../api/schema';
import { Drawn } from '../artifact/content';
import { useAsked } from './asking';

type Figure = components['schemas']['Figure'];
type Figures = components['schemas']['Figures'];

interface Around {
  client: Client;
  path: string;
  rendermime: IRenderMimeRegistry;
  trans: TranslationBundle;
}

interface Props extends Around {
  /** The step in either run: the StepRun's id, or null where the run does not have it. */
  a: string | null;
  b: string | null;
}

export function FiguresView({ a, b, ...around }: Props): JSX.Element | null {
  const { client, path, trans } = around;
  const left = useAsked<Figures>(client, a === null ? null : `step-runs/${a}/figures`, { path });
  const right = useAsked<Figures>(client, b === null ? null : `step-runs/${b}/figures`, { path });
  const one = left.data?.items ?? [];
  const other = right.data?.items ?? [];
  const rows = paired(one, other);
  if (rows.length === 0) {
    return null;
  }
  return (
    <div className="steppe-Figures" role="group" aria-label={trans.__('Figures')}>
      {rows.map(([first, second], number) => (
        <div key={number} className="steppe-Figures-pair">
          <Side {...around} label={trans.__('A')} figure={first} />
          <Side {...around} label={trans.__('B')} figure={second} />
        </div>
      ))}
    </div>
  );
}

/** Pair figures by name, and those without one by their place. */
export function paired(one: readonly Figure[], other: readonly Figure[]): [Figure | null, Figure | null][] {
  const left = [...other];
  const rows = one.map((figure, number): [Figure | null, Figure | null] => {
    const same = left.findIndex(each => (figure.name ? each.name === figure.name : !each.name));
    const at = same >= 0 ? same : left.findIndex(each => each === other[number] && !one.some(mine => mine.name && mine.name === each.name));
    return [figure, at >= 0 ? left.splice(at, 1)[0] : null];
  });
  return [...rows, ...left.map((figure): [null, Figure] => [null, figure])];
}

function Side({ label, figure, ...around }: Around & { label: string; figure: Figure | null }): JSX.Element {
  const { trans } = around;
  return (
    <figure className="steppe-Figures-side" aria-label={figure?.name ? trans.__('%1: %2', label, figure.name) : label}>
      <figcaption>
        <b>{label}</b> {figure?.name}
      </figcaption>
      {figure === null ? (
        <p className="steppe-Quiet">{trans.__('no such figure')}</p>
      ) : figure.version ? (
        <Kept {...around} name={figure.name} version={figure.version} />
      ) : (
        <Shown {...around} name={figure.name} data={figure.data} />
      )}
    </figure>
  );
}

function Kept({ client, path, rendermime, trans, name, version }: Around & { name: string; version: string }): JSX.Element {
  const asked = useAsked<Content>(client, `artifacts/${version}/content`, { path });
  if (asked.data === null) {
    return <p className={asked.error ? 'steppe-Error' : 'steppe-Quiet'}>{asked.error || trans.__('Loading…')}</p>;
  }
  return <Drawn content={asked.data} view="figure" name={name} rendermime={rendermime} trans={trans} />;
}

function Shown({ rendermime, trans, name, data }: Around & { name: string; data: Figure['data'] }): JSX.Element {
  const content = React.useMemo(() => ({ data, tree: null, text: '', facts: [], parameters: [], parts: [], more: false }) as unknown as Content, [data]);
  return <Drawn content={content} view="figure" name={name || trans.__('figure')} rendermime={rendermime} trans={trans} />;
}
