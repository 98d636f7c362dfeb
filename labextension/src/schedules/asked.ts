/** A schedule between its form and the server, and its times in words. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Schedule } from '../api/types';

/** What the form holds: texts and choices as they stand in its fields. */
export interface Fields {
  name: string;
  cron: string;
  zone: string;
  /** By the parameter's name; an empty text means the notebook's own value. */
  parameters: Record<string, string>;
  catchup: 'latest' | 'all' | 'skip';
  parallel: string;
  retries: string;
  /** Minutes, as the next two. */
  wait: string;
  jitter: string;
  late: string;
  /** Addresses with spaces between. */
  webhooks: string;
  slack: string;
  /** Whether the addresses that are set, which are never told, stay. */
  keep: boolean;
}

/** A sentence for a field that does not fit, by the field. */
export type Problems = Partial<Record<keyof Fields, string>>;

/** Return the fields of a new schedule, or of one that is to be changed. */
export function fieldsOf(name: string, schedule: Schedule | null): Fields {
  const minutes = (seconds: number): string => String(Math.round((seconds / 60) * 100) / 100);
  return {
    name: schedule?.name ?? name,
    cron: schedule?.cron ?? '0 6 * * 1',
    zone: schedule?.zone ?? '',
    parameters: schedule?.parameters ?? {},
    catchup: (schedule?.catchup as Fields['catchup'] | undefined) ?? 'latest',
    parallel: String(schedule?.parallel ?? 1),
    retries: String(schedule?.retries ?? 0),
    wait: minutes(schedule?.retry_wait ?? 60),
    jitter: minutes(schedule?.jitter ?? 0),
    late: minutes(schedule?.late ?? 900),
    webhooks: '',
    slack: '',
    keep: (schedule?.alerts ?? 0) > 0
  };
}

/** Return what is wrong with the fields; the cron line and the zone are the server's to judge. */
export function problemsOf(fields: Fields, trans: TranslationBundle): Problems {
  const found: Problems = {};
  if (!/^[\p{L}\p{N}_][\p{L}\p{N}_.-]{0,99}$/u.test(fields.name)) {
    found.name = trans.__('A name is letters, digits, dots and dashes, 100 at most.');
  }
  const number = (field: 'parallel' | 'retries' | 'wait' | 'jitter' | 'late', least: number, most: number, whole: boolean): void => {
    const text = fields[field].trim();
    const value = Number(text);
    if (text === '' || !Number.isFinite(value) || value < least || value > most || (whole && !Number.isInteger(value))) {
      found[field] = whole ? trans.__('Give a whole number from %1 to %2.', least, most) : trans.__('Give minutes, from %1 to %2.', least, most);
    }
  };
  number('parallel', 1, 100, true);
  number('retries', 0, 100, true);
  number('wait', 0, 525_600, false);
  number('jitter', 0, 525_600, false);
  number('late', 0, 525_600, false);
  for (const field of ['webhooks', 'slack'] as const) {
    const wrong = fields.keep ? undefined : addresses(fields[field]).find(url => !/^https?:\/\/[^/]+/.test(url));
    if (wrong !== undefined) {
      found[field] = trans.__('%1 is no address such as https://host/path.', wrong);
    }
  }
  return found;
}

/** Return what the server is sent: for a new schedule of the notebook at `path`, or, without a path, to change one. */
export function askedOf(fields: Fields, path: string | null): Record<string, unknown> {
  const given = Object.entries(fields.parameters).filter(([, text]) => text.trim() !== '');
  return {
    ...(path === null ? {} : { path, name: fields.name }),
    cron: fields.cron.trim(),
    zone: fields.zone.trim(),
    parameters: Object.fromEntries(given.map(([name, text]) => [name, text.trim()])),
    catchup: fields.catchup,
    parallel: Number(fields.parallel),
    retries: Number(fields.retries),
    retry_wait: Number(fields.wait) * 60,
    jitter: Number(fields.jitter) * 60,
    late: Number(fields.late) * 60,
    ...(fields.keep ? {} : { webhooks: addresses(fields.webhooks), slack: addresses(fields.slack) })
  };
}

function addresses(text: string): string[] {
  return text.split(/[\s,]+/).filter(Boolean);
}

/** Write a time as the clocks of its own zone show it, whichever zone the browser is in. */
export function clock(time: string, locale?: string): string {
  const local = new Date(`${time.slice(0, 19)}Z`);
  const seconds = time.slice(17, 19) === '00' ? undefined : ('2-digit' as const);
  const how = { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', second: seconds, hourCycle: 'h23', timeZone: 'UTC' } as const;
  return Number.isNaN(local.getTime()) ? time : new Intl.DateTimeFormat(locale, how).format(local);
}

/** Say how far ahead a time is. */
export function ahead(time: string, now: number, trans: TranslationBundle): string {
  const minutes = Math.round((Date.parse(time) / 1000 - now) / 60);
  if (minutes < 1) {
    return trans.__('now');
  }
  if (minutes < 60) {
    return trans._n('in %1 minute', 'in %1 minutes', minutes);
  }
  const hours = Math.round(minutes / 60);
  return hours < 36 ? trans._n('in %1 hour', 'in %1 hours', hours) : trans._n('in %1 day', 'in %1 days', Math.round(hours / 24));
}
