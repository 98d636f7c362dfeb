/** The project's schedules: when each is due next, how its last run ended, and what can be done with it. */
import { Dialog, showDialog, showErrorMessage } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { Client } from '../api/client';
import { told } from '../api/told';
import type { DueTime, Schedule, Schedules } from '../api/types';
import { useAsked } from '../sidebar/asking';
import { ahead, clock } from './asked';

import '../../style/schedules.css';

export interface SchedulesProps {
  client: Client;
  /** The contents path that tells the project. */
  path: string;
  trans: TranslationBundle;
  now: number;
  /** Changes with each run that begins or ends, and each schedule that is made. */
  mark: string;
  /** Ask for a schedule of the notebook in front; null where there is none. */
  make: (() => void) | null;
  open: (path: string) => void;
}

/** Between two looks while something goes on, in milliseconds, and while nothing does. */
const SOON = 1500;
const LATER = 10_000;
const GOING = new Set(['waiting', 'started', 'running']);

export function SchedulesView({ client, path, trans, now, mark, make, open }: SchedulesProps): JSX.Element {
  const [chosen, setChosen] = React.useState('');
  const asked = useAsked<Schedules>(client, 'schedules', { path });
  const schedules = asked.data?.items ?? [];
  const goesOn = schedules.some(({ dues }) => dues.some(due => GOING.has(due.state)));
  React.useEffect(() => {
    const look = (): void => void (document.hidden || asked.again());
    const timer = setInterval(look, goesOn ? SOON : LATER);
    return () => clearInterval(timer);
  }, [goesOn, asked.again]);
  React.useEffect(asked.again, [mark]);
  return (
    <div className="steppe-Schedules">
      <div className="steppe-Runs-bar">
        <button type="button" className="steppe-Button" disabled={make === null} title={make === null ? trans.__('Open a notebook first') : undefined} onClick={() => make?.()}>
          {trans.__('Schedule this notebook…')}
        </button>
      </div>
      {asked.error && <p className="steppe-Error steppe-Schedules-said" role="alert">{asked.error}</p>}
      {asked.data === null && asked.loading && <p className="steppe-Runs-none">{trans.__('Loading…')}</p>}
      {asked.data !== null && schedules.length === 0 && (
        <p className="steppe-Runs-none">{trans.__('No notebook of this project is scheduled: open one, and choose when it is to run.')}</p>
      )}
      {asked.data !== null && schedules.length > 0 && !asked.data.scheduler && (
        <p className="steppe-Error steppe-Schedules-said" role="alert">{trans.__('No scheduler runs for this project: start one with “steppe scheduler”.')}</p>
      )}
      <ul className="steppe-List" aria-label={trans.__('Schedules')}>
        {schedules.map(schedule => (
          <Entry
            key={schedule.id}
            {...{ client, path, trans, now, schedule, open }}
            shown={chosen === schedule.id}
            show={() => setChosen(chosen === schedule.id ? '' : schedule.id)}
            changed={asked.again}
          />
        ))}
      </ul>
    </div>
  );
}

interface EntryProps {
  client: Client;
  path: string;
  trans: TranslationBundle;
  now: number;
  schedule: Schedule;
  shown: boolean;
  show: () => void;
  changed: () => void;
  open: (path: string) => void;
}

function Entry({ client, path, trans, now, schedule, shown, show, changed, open }: EntryProps): JSX.Element {
  const route = `schedules/${schedule.id}`;
  const last = schedule.dues[0] as DueTime | undefined;
  const attempt = (work: () => Promise<unknown>): void =>
    void work()
      .then(changed)
      .catch(error => showErrorMessage(trans.__('The schedule %1 stays as it is', schedule.name), error instanceof Error ? error.message : String(error)));
  const edit = async (): Promise<void> => {
    const { askForSchedule } = await import('./dialog');
    await askForSchedule(path, schedule, client, trans);
  };
  const remove = async (): Promise<void> => {
    const body = trans.__('It will not run any more, and what it tells of its past times is lost. The notebooks that it has written stay, and so do their runs.');
    const buttons = [Dialog.cancelButton(), Dialog.warnButton({ label: trans.__('Delete') })];
    const answer = await showDialog({ title: trans.__('Delete the schedule %1?', schedule.name), body, buttons });
    if (answer.button.accept) {
      await client.send('DELETE', route, {}, { path });
    }
  };
  return (
    <li className="steppe-Run steppe-Schedules-entry" data-state={last?.state} data-paused={schedule.paused || undefined}>
      <div className="steppe-Run-line">
        <button type="button" className="steppe-Link" aria-expanded={shown} onClick={show}>{schedule.name}</button>
        <span className="steppe-Run-state">{schedule.paused ? trans.__('paused') : last === undefined ? trans.__('not run yet') : outcome(last, trans)}</span>
      </div>
      <div className="steppe-Quiet">{schedule.notebook} · <code>{schedule.cron}</code> · {schedule.zone}</div>
      {!schedule.paused && schedule.next.length > 0 && <div className="steppe-Quiet">{trans.__('next: %1, %2', clock(schedule.next[0]), ahead(schedule.next[0], now, trans))}</div>}
      {last?.state === 'failed' && last.error && <div className="steppe-Error">{last.error}</div>}
      <div className="steppe-Schedules-deeds" role="group" aria-label={trans.__('The schedule %1', schedule.name)}>
        <button type="button" className="steppe-Button" onClick={() => attempt(() => client.send('POST', `${route}/runs`, {}, { path }))}>{trans.__('Run now')}</button>
        <button type="button" className="steppe-Button" onClick={() => attempt(() => client.send('PATCH', route, { paused: !schedule.paused }, { path }))}>
          {schedule.paused ? trans.__('Resume') : trans.__('Pause')}
        </button>
        <button type="button" className="steppe-Button" onClick={() => attempt(edit)}>{trans.__('Edit…')}</button>
        <button type="button" className="steppe-Button" onClick={() => attempt(remove)}>{trans.__('Delete…')}</button>
      </div>
      {shown && <Past {...{ client, path, trans, schedule, changed, open }} />}
    </li>
  );
}

/** What became of a schedule's times, and a way to run those that were left out. */
function Past({ client, path, trans, schedule, changed, open }: Pick<EntryProps, 'client' | 'path' | 'trans' | 'schedule' | 'changed' | 'open'>): JSX.Element {
  const asked = useAsked<Schedule>(client, `schedules/${schedule.id}`, { path });
  const [range, setRange] = React.useState({ since: '', until: '', again: false });
  const [refused, setRefused] = React.useState('');
  React.useEffect(asked.again, [JSON.stringify(schedule)]);
  const dues = asked.data?.dues ?? [];
  const backfill = async (): Promise<void> => {
    try {
      await client.send('POST', `schedules/${schedule.id}/backfill`, range, { path });
      setRefused('');
      changed();
    } catch (error) {
      setRefused(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <div className="steppe-Schedules-past">
      {asked.error && <p className="steppe-Error" role="alert">{asked.error}</p>}
      {asked.data !== null && dues.length === 0 && <p className="steppe-Quiet">{trans.__('It has not been due yet.')}</p>}
      <ul className="steppe-List" aria-label={trans.__('Past times of %1', schedule.name)}>
        {dues.map(due => (
          <li key={due.due} data-state={due.state}>
            <div className="steppe-Run-line">
              {due.opens === null ? <span>{clock(due.due)}</span> : <button type="button" className="steppe-Link" title={trans.__('Open the executed notebook')} onClick={() => open(due.opens ?? '')}>{clock(due.due)}</button>}
              <span className="steppe-Run-state">{outcome(due, trans)}</span>
            </div>
            {due.error && <div className="steppe-Error">{due.error}</div>}
          </li>
        ))}
      </ul>
      <form
        className="steppe-Schedules-backfill"
        onSubmit={event => {
          event.preventDefault();
          void backfill();
        }}
      >
        <label>{trans.__('Run the times from')} <input type="date" className="steppe-Input" required value={range.since} onChange={event => setRange({ ...range, since: event.target.value })} /></label>
        <label>{trans.__('to')} <input type="date" className="steppe-Input" required value={range.until} onChange={event => setRange({ ...range, until: event.target.value })} /></label>
        <label><input type="checkbox" checked={range.again} onChange={event => setRange({ ...range, again: event.target.checked })} /> {trans.__('those that succeeded, too')}</label>
        <button type="submit" className="steppe-Button">{trans.__('Run them')}</button>
        {refused && <p className="steppe-Error" role="alert">{refused}</p>}
      </form>
    </div>
  );
}

function outcome(due: DueTime, trans: TranslationBundle): string {
  return due.tries > 1 ? trans.__('%1, %2 tries', told(due.state, trans), due.tries) : told(due.state, trans);
}
