/** The form of a schedule: when the notebook runs, with what, and what happens if it can't. It says at once what does not fit. */
import { ReactWidget } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Client } from '../api/client';
import type { DueTimes, Parameter, Schedule } from '../api/types';
import { askedOf, clock, Fields, fieldsOf, Problems, problemsOf } from './asked';

/** How long after the last key the server is asked when a line is due, in milliseconds. */
const PAUSE = 250;

const ADDRESS = 'https://…';

export interface FormProps {
  client: Client;
  /** The contents path of the notebook, or what tells the project of the schedule that is changed. */
  path: string;
  name: string;
  schedule: Schedule | null;
  parameters: Parameter[];
  zone: string;
  trans: TranslationBundle;
}

export class ScheduleForm extends ReactWidget {
  constructor(private readonly props: FormProps) {
    super();
    this.addClass('steppe-Schedule');
  }

  /** Have the server make or change the schedule; false where it does not fit, which the form then says. */
  submit = async (): Promise<boolean> => false;

  protected render(): JSX.Element {
    return <Form {...this.props} expose={submit => (this.submit = submit)} />;
  }
}

function Form({ client, path, name, schedule, parameters, zone, trans, expose }: FormProps & { expose: (submit: () => Promise<boolean>) => void }): JSX.Element {
  const [fields, setFields] = React.useState<Fields>(() => ({ ...fieldsOf(name, schedule), ...(schedule === null ? { zone } : {}) }));
  const [refused, setRefused] = React.useState('');
  const due = useDueTimes(client, fields.cron, fields.zone);
  const problems: Problems = { ...problemsOf(fields, trans), ...(due?.wrong ? { [due.wrong]: due.problem } : {}) };
  expose(async () => {
    const first = Object.keys(problems)[0];
    if (first !== undefined) {
      document.getElementById(`steppe-schedule-${first}`)?.focus();
      return false;
    }
    try {
      setRefused('');
      await (schedule === null ? client.send('POST', 'schedules', askedOf(fields, path)) : client.send('PATCH', `schedules/${schedule.id}`, askedOf(fields, null), { path }));
      return true;
    } catch (error) {
      setRefused(error instanceof Error ? error.message : String(error));
      return false;
    }
  });
  const set = (change: Partial<Fields>): void => setFields({ ...fields, ...change });
  const text = (field: Exclude<keyof Fields, 'parameters' | 'keep' | 'catchup'>, label: string, about = '', more: React.InputHTMLAttributes<HTMLInputElement> = {}): JSX.Element => (
    <Field id={`steppe-schedule-${field}`} label={label} about={about} problem={problems[field] ?? ''}>
      {props => <input type="text" className="jp-mod-styled" spellCheck={false} autoComplete="off" value={fields[field]} onChange={event => set({ [field]: event.target.value })} {...props} {...more} />}
    </Field>
  );
  const zones = React.useMemo(zoneNames, []);
  const known = parameters.map(each => each.name);
  const shown: Pick<Parameter, 'name' | 'value' | 'help'>[] = [...parameters, ...Object.keys(fields.parameters).filter(each => !known.includes(each)).map(each => ({ name: each, value: '', help: '' }))];
  return (
    <>
      {schedule === null && text('name', trans.__('Name'))}
      {text('cron', trans.__('When'), trans.__('Minute, hour, day of month, month, day of week: %1 is Mondays at 6.', '0 6 * * 1'), { list: 'steppe-schedule-lines' })}
      {text('zone', trans.__('Time zone'), '', { list: 'steppe-schedule-zones' })}
      <datalist id="steppe-schedule-lines">
        <option value="0 6 * * *">{trans.__('every day at 6')}</option>
        <option value="0 6 * * 1">{trans.__('Mondays at 6')}</option>
        <option value="0 6 * * 1-5">{trans.__('Monday to Friday at 6')}</option>
        <option value="0 6 1 * *">{trans.__('the first of each month at 6')}</option>
        <option value="0 * * * *">{trans.__('every hour')}</option>
        <option value="*/15 * * * *">{trans.__('every 15 minutes')}</option>
      </datalist>
      <datalist id="steppe-schedule-zones">{zones.map(each => <option key={each} value={each} />)}</datalist>
      <div className="steppe-Schedule-field">
        <span id="steppe-schedule-next">{trans.__('Next')}</span>
        <ul className="steppe-Schedule-next" aria-labelledby="steppe-schedule-next" aria-live="polite">
          {due?.next.length ? due.next.map(each => <li key={each}>{clock(each)}</li>) : <li>{due === null ? trans.__('Looking it up…') : '–'}</li>}
        </ul>
      </div>
      {shown.length > 0 && (
        <fieldset>
          <legend>{trans.__('Parameters')}</legend>
          <p>{trans.__('What is left empty stays as the notebook has it; %1 is the time at which a run is due, %2 its day.', '{scheduled}', '{scheduled:%Y-%m-%d}')}</p>
          {shown.map(each => (
            <Field key={each.name} id={`steppe-schedule-p-${each.name}`} label={each.name} about={each.help} problem="" code>
              {props => (
                <input type="text" className="jp-mod-styled" spellCheck={false} autoComplete="off" placeholder={each.value} value={fields.parameters[each.name] ?? ''} onChange={event => set({ parameters: { ...fields.parameters, [each.name]: event.target.value } })} {...props} />
              )}
            </Field>
          ))}
        </fieldset>
      )}
      <fieldset>
        <legend>{trans.__('If it can’t run in time')}</legend>
        <Field id="steppe-schedule-catchup" label={trans.__('Missed times')} about={trans.__('Times that pass while no scheduler runs, or the machine sleeps.')} problem="">
          {props => (
            <div className="jp-select-wrapper">
              <select className="jp-mod-styled" value={fields.catchup} onChange={event => set({ catchup: event.target.value as Fields['catchup'] })} {...props}>
                <option value="latest">{trans.__('run the latest of them')}</option>
                <option value="all">{trans.__('run each of them')}</option>
                <option value="skip">{trans.__('skip them')}</option>
              </select>
            </div>
          )}
        </Field>
        {text('parallel', trans.__('Runs at once'), trans.__('1: a run waits until the one before has ended.'), { inputMode: 'numeric' })}
        {text('jitter', trans.__('Spread over (min)'), trans.__('Starts are put off by up to so many minutes.'), { inputMode: 'decimal' })}
      </fieldset>
      <fieldset>
        <legend>{trans.__('If it fails')}</legend>
        {text('retries', trans.__('Retries'), '', { inputMode: 'numeric' })}
        {text('wait', trans.__('Wait (min)'), trans.__('Before the first retry; it doubles.'), { inputMode: 'decimal' })}
        {text('late', trans.__('Late after (min)'), trans.__('A run that has not begun by then is late.'), { inputMode: 'decimal' })}
        {(schedule?.alerts ?? 0) > 0 && (
          <label className="steppe-Schedule-keep">
            <input type="checkbox" checked={fields.keep} onChange={event => set({ keep: event.target.checked })} />
            {trans._n('Keep the address that is told', 'Keep the %1 addresses that are told', schedule?.alerts ?? 0)}
          </label>
        )}
        {!fields.keep && text('webhooks', trans.__('Tell (webhook)'), trans.__('An address that is told of failures, lateness and recovery, as JSON.'), { placeholder: ADDRESS })}
        {!fields.keep && text('slack', trans.__('Tell (Slack)'), trans.__('An incoming webhook of Slack.'), { placeholder: ADDRESS })}
      </fieldset>
      {refused && <p className="steppe-Schedule-wrong" role="alert">{refused}</p>}
    </>
  );
}

interface FieldProps {
  id: string;
  label: string;
  about: string;
  problem: string;
  code?: boolean;
  children: (props: { id: string; name: string; 'aria-describedby'?: string; 'aria-invalid'?: boolean }) => JSX.Element;
}

function Field({ id, label, about, problem, code, children }: FieldProps): JSX.Element {
  const said = problem || about;
  return (
    <div className="steppe-Schedule-field">
      <label htmlFor={id} className={code ? 'steppe-Schedule-code' : undefined}>{label}</label>
      {children({ id, name: id, 'aria-describedby': said ? `${id}-about` : undefined, 'aria-invalid': problem !== '' || undefined })}
      {said && <p id={`${id}-about`} className={problem ? 'steppe-Schedule-wrong' : undefined} role={problem ? 'alert' : undefined}>{said}</p>}
    </div>
  );
}

/** The times at which a line is due next; null until they are known. What was known stays while one types. */
function useDueTimes(client: Client, cron: string, zone: string): DueTimes | null {
  const [found, setFound] = React.useState<DueTimes | null>(null);
  React.useEffect(() => {
    const abort = new AbortController();
    const timer = setTimeout(() => {
      client.get<DueTimes>('due-times', { cron: cron.trim(), zone: zone.trim() }, abort.signal).then(
        told => abort.signal.aborted || setFound(told),
        (error: Error) => abort.signal.aborted || setFound({ zone, next: [], wrong: 'cron', problem: error.message })
      );
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [client, cron, zone]);
  return found;
}

/** The names of time zones that this browser knows. */
function zoneNames(): string[] {
  const known = (Intl as { supportedValuesOf?: (kind: string) => string[] }).supportedValuesOf?.('timeZone') ?? [];
  return ['UTC', ...known.filter(name => name !== 'UTC')];
}
