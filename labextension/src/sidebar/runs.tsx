/** The runs of this notebook or of all: filtered, tagged, noted, and two of them chosen to be compared. */
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { Client } from '../api/client';
import type { Run, RunPage, RunWhole } from '../api/types';
import { age, lasting } from '../cells/durations';
import { useAsked } from './asking';

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
  const asked = useAsked<RunPage>(client, 'runs', query);
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
          {STATES.map(word => <option key={word} value={word}>{word}</option>)}
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
              <span className="steppe-Run-state">{run.status}</span>
            </div>
            <div className="steppe-Quiet">
              {[age(now - run.started, trans), run.ended === null ? '' : lasting(run.ended - run.started), counted(run), run.owner].filter(text => text).join(' · ')}
            </div>
            {run.tags.length > 0 && <div>{run.tags.map(each => <span key={each} className="steppe-Tag">{each}</span>)}</div>}
            {open === run.id && <RunDetails client={client} path={path} id={run.id} trans={trans} changed={asked.again} />}
          </li>
        ))}
      </ul>
    </div>
  );
}

function counted(run: Run): string {
  return Object.entries(run.counts)
    .map(([state, count]) => `${count} ${state}`)
    .join(', ');
}

function RunDetails({ client, path, id, trans, changed }: { client: Client; path: string; id: string; trans: TranslationBundle; changed: () => void }): JSX.Element {
  const asked = useAsked<RunWhole>(client, `runs/${id}`, { path });
  const [error, setError] = React.useState('');
  const [tags, setTags] = React.useState<string | null>(null);
  const [note, setNote] = React.useState('');
  const send = async (method: 'PATCH' | 'POST' | 'DELETE', route: string, body: unknown): Promise<boolean> => {
    try {
      await client.send(method, route, body, { path });
      setError('');
      asked.again();
      changed();
      return true;
    } catch (refused) {
      setError(refused instanceof Error ? refused.message : String(refused));
      return false;
    }
  };
  const run = asked.data?.run;
  if (run === undefined) {
    return <p className="steppe-Quiet">{asked.error || trans.__('Loading…')}</p>;
  }
  const keep = async (event: React.FormEvent): Promise<void> => {
    event.preventDefault();
    const words = (tags ?? '').split(',').map(word => word.trim()).filter(word => word);
    if (await send('PATCH', `runs/${id}`, { tags: words })) {
      setTags(null);
    }
  };
  const write = async (event: React.FormEvent): Promise<void> => {
    event.preventDefault();
    if (await send('POST', `runs/${id}/notes`, { text: note })) {
      setNote('');
    }
  };
  return (
    <div className="steppe-Run-details">
      {error && <p className="steppe-Error">{error}</p>}
      {Object.keys(run.parameters).length > 0 && (
        <dl className="steppe-Facts">
          {Object.entries(run.parameters).map(([name, value]) => <React.Fragment key={name}><dt>{name}</dt><dd>{JSON.stringify(value)}</dd></React.Fragment>)}
        </dl>
      )}
      <form onSubmit={event => void keep(event)}>
        <label>
          {trans.__('Tags')}{' '}
          <input className="steppe-Input" value={tags ?? run.tags.join(', ')} placeholder={trans.__('commas between them')} onChange={event => setTags(event.target.value)} />
        </label>
        {tags !== null && <button type="submit" className="steppe-Button">{trans.__('Keep')}</button>}
      </form>
      {run.notes.map(each => (
        <p key={each.id} className="steppe-Note">
          {each.text} <span className="steppe-Quiet">{each.author}</span>{' '}
          <button type="button" className="steppe-Link" aria-label={trans.__('Remove this note')} onClick={() => void send('DELETE', `runs/${id}/notes/${each.id}`, undefined)}>×</button>
        </p>
      ))}
      <form onSubmit={event => void write(event)}>
        <textarea className="steppe-Input" rows={2} aria-label={trans.__('Note')} placeholder={trans.__('A note')} value={note} onChange={event => setNote(event.target.value)} />
        {note.trim() && <button type="submit" className="steppe-Button">{trans.__('Add note')}</button>}
      </form>
      <ul className="steppe-List">
        {asked.data?.steps.map(step => (
          <li key={step.id} data-state={step.state}>{step.name} <span className="steppe-Quiet">{[step.state, step.seconds ? lasting(step.seconds) : '', step.error || step.why].filter(text => text).join(' · ')}</span></li>
        ))}
      </ul>
    </div>
  );
}
