/** The runs of this notebook or of all: filtered, tagged, noted, and two of them chosen to be compared. */
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { Client } from '../api/client';
import { told } from '../api/told';
import type { Run } from '../api/types';
import { age, lasting } from '../cells/durations';
import { usePages } from './asking';
import { RunDetails } from './run';

export interface RunsProps {
  client: Client;
  path: string;
  /** The notebook's identity; empty where none is in front. */
  notebook: string;
  trans: TranslationBundle;
  now: number;
  /** Changes with each run that begins or ends. */
  mark: string;
  compare: (a: string, b: string) => void;
}

const STATES = ['running', 'succeeded', 'failed', 'cancelled', 'lost'];
const DAY = 86400;

export function RunsView({ client, path, notebook, trans, now, mark, compare }: RunsProps): JSX.Element {
  const [all, setAll] = React.useState(false);
  const [search, setSearch] = React.useState('');
  const [status, setStatus] = React.useState('');
  const [tag, setTag] = React.useState('');
  const [owner, setOwner] = React.useState('');
  const [days, setDays] = React.useState(0);
  const [chosen, setChosen] = React.useState<string[]>([]);
  const [open, setOpen] = React.useState('');
  const [since, setSince] = React.useState<number | null>(null);
  const query = { path, notebook: all ? null : notebook || null, search: search.trim() || null, status: status || null, tag: tag || null, owner: owner || null, since, limit: 100 };
  const asked = usePages<Run>(client, 'runs', query);
  React.useEffect(asked.again, [mark]);
  const choose = (id: string): void => setChosen(chosen.includes(id) ? chosen.filter(each => each !== id) : [...chosen.slice(-1), id]);
  const runs = asked.data?.items ?? [];
  return (
    <div className="steppe-Runs">
      <div className="steppe-Filters">
        <input className="steppe-Input" type="search" placeholder={trans.__('Find in names, tags and notes')} aria-label={trans.__('Find runs')} value={search} onChange={event => setSearch(event.target.value)} />
        <label><input type="checkbox" checked={all} onChange={event => setAll(event.target.checked)} /> {trans.__('all notebooks')}</label>
        <select aria-label={trans.__('State')} value={status} onChange={event => setStatus(event.target.value)}>
          <option value="">{trans.__('any state')}</option>
          {STATES.map(word => <option key={word} value={word}>{told(word, trans)}</option>)}
        </select>
        <select
          aria-label={trans.__('Time')}
          value={days}
          onChange={event => {
            const chosenDays = Number(event.target.value);
            setDays(chosenDays);
            setSince(chosenDays ? Math.floor(Date.now() / 1000 - chosenDays * DAY) : null);
          }}
        >
          <option value={0}>{trans.__('any time')}</option>
          <option value={1}>{trans.__('last day')}</option>
          <option value={7}>{trans.__('last week')}</option>
          <option value={30}>{trans.__('last 30 days')}</option>
        </select>
        <input className="steppe-Input" type="search" placeholder={trans.__('tag')} aria-label={trans.__('Tag')} value={tag} onChange={event => setTag(event.target.value)} />
        <input className="steppe-Input" type="search" placeholder={trans.__('owner')} aria-label={trans.__('Owner')} value={owner} onChange={event => setOwner(event.target.value)} />
      </div>
      <div className="steppe-Runs-bar">
        <button type="button" className="steppe-Button" disabled={chosen.length !== 2} onClick={() => compare(chosen[0], chosen[1])}>
          {chosen.length === 2 ? trans.__('Compare the two') : trans.__('Tick two to compare')}
        </button>
        <button type="button" className="steppe-Button" onClick={asked.again}>{trans.__('Refresh')}</button>
      </div>
      {asked.error && <p className="steppe-Error">{asked.error}</p>}
      {!asked.loading && !asked.error && runs.length === 0 && (
        <p className="steppe-Runs-none">
          {search.trim() || status || tag || owner || since !== null ? trans.__('No run fits.') : trans.__('There is no run yet: run a cell that is a step, and what happens is kept here.')}
        </p>
      )}
      <ul className="steppe-List">
        {runs.map(run => (
          <li key={run.id} className="steppe-Run" data-state={run.status}>
            <div className="steppe-Run-line">
              <input type="checkbox" aria-label={trans.__('Choose run %1', run.id.slice(0, 8))} checked={chosen.includes(run.id)} onChange={() => choose(run.id)} />
              <button type="button" className="steppe-Link" aria-expanded={open === run.id} onClick={() => setOpen(open === run.id ? '' : run.id)}>
                {all ? run.path || run.notebook : run.kind === 'kernel' ? trans.__('in a kernel') : trans.__('headless')}
              </button>
              <span className="steppe-Run-state">{told(run.status, trans)}</span>
            </div>
            <div className="steppe-Quiet">
              {[age(now - run.started, trans), run.ended === null ? '' : lasting(run.ended - run.started), counted(run, trans), run.owner].filter(text => text).join(' · ')}
            </div>
            {run.tags.length > 0 && <div>{run.tags.map(each => <span key={each} className="steppe-Tag">{each}</span>)}</div>}
            {open === run.id && <RunDetails client={client} path={path} id={run.id} trans={trans} changed={asked.again} />}
          </li>
        ))}
      </ul>
      {asked.more !== null && <button type="button" className="steppe-Button steppe-More" onClick={asked.more}>{trans.__('More')}</button>}
    </div>
  );
}

function counted(run: Run, trans: TranslationBundle): string {
  return Object.entries(run.counts)
    .map(([state, count]) => `${count} ${told(state, trans)}`)
    .join(', ');
}
