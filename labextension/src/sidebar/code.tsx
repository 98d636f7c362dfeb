/** A step's code, by itself or beside any earlier version of it. */
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { Client } from '../api/client';
import { told as inWords } from '../api/told';
import type { CodeVersions, Difference, StepRun } from '../api/types';
import { age } from '../cells/durations';
import { useAsked } from './asking';
import { DifferenceView } from './difference';

const ALONE = 'alone';
const MORE = 'more';

/** Versions that are asked for at first; then four times as many, as often as one asks for earlier ones. */
const FIRST = 50;
const LAST = 3200;

export function CodeView({ client, path, told, now, trans }: { client: Client; path: string; told: StepRun; now: number; trans: TranslationBundle }): JSX.Element {
  const [chosen, setChosen] = React.useState('');
  const id = told.brief.id;
  const [most, setMost] = React.useState(FIRST);
  React.useEffect(() => (setChosen(''), setMost(FIRST)), [id]);
  const asked = useAsked<CodeVersions>(client, `step-runs/${id}/code-versions`, { path, most: String(most) });
  const choose = (value: string): void => (value === MORE ? setMost(4 * most) : setChosen(value));
  const versions = asked.data?.versions ?? [];
  const other = chosen === ALONE ? '' : chosen || versions[0]?.step_run || '';
  const beside = useAsked<Difference>(client, other ? `step-runs/${id}/diff` : null, { path, other });
  const called = beside.data?.changed.filter(words => words !== 'the cell') ?? [];
  return (
    <>
      {versions.length > 0 && (
        <label>
          {trans.__('Beside')}{' '}
          <select value={chosen === ALONE ? ALONE : other} onChange={event => choose(event.target.value)}>
            <option value={ALONE}>{trans.__('no earlier code')}</option>
            {versions.map(version => (
              <option key={version.step_run} value={version.step_run}>
                {trans.__('%1 · %2 · other: %3', age(now - version.started, trans), inWords(version.state, trans), version.changed.join(', '))}
              </option>
            ))}
            {asked.data?.more && most < LAST && <option value={MORE}>{trans.__('earlier ones…')}</option>}
          </select>
        </label>
      )}
      {(asked.error || beside.error) && <p className="steppe-Error">{asked.error || beside.error}</p>}
      {other && beside.data ? (
        <>
          {called.length > 0 && <p>{trans.__('What it calls was another, too: %1.', called.join(', '))}</p>}
          {beside.data.unified ? <DifferenceView unified={beside.data.unified} /> : <pre className="steppe-Code" tabIndex={0}>{told.source}</pre>}
          <p className="steppe-Quiet">{beside.data.unified ? trans.__('What is new since then.') : trans.__('The text of the cell is the same.')}</p>
        </>
      ) : (
        <pre className="steppe-Code" tabIndex={0}>{told.source}</pre>
      )}
      {asked.data !== null && versions.length === 0 && <p className="steppe-Quiet">{trans.__('Its code has always been this.')}</p>}
    </>
  );
}
