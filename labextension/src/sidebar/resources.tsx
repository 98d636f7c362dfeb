/** What a step used of the machine over time, asked for beside used at the peak, what it cost, and what hits have saved. */
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { Client } from '../api/client';
import type { StepRun, Usage } from '../api/types';
import { lasting } from '../cells/durations';
import { useAsked } from './asking';
import { Fact } from './fact';
import { Plot } from './plot';
import { amount, curvesOf, money, type Curve } from './usage';

const POLL = 1000;

export function ResourcesView({ client, path, told, mark, trans }: { client: Client; path: string; told: StepRun; mark: string; trans: TranslationBundle }): JSX.Element {
  const asked = useAsked<Usage>(client, `step-runs/${told.brief.id}/usage`, { path });
  const live = asked.data?.live ?? false;
  React.useEffect(() => {
    const timer = live ? setInterval(asked.again, POLL) : undefined;
    return () => clearInterval(timer);
  });
  React.useEffect(asked.again, [mark]);
  const samples = asked.data?.samples ?? [];
  const curves = React.useMemo(() => curvesOf(samples, told), [asked.data, told]);
  const names: Record<Curve['kind'], string> = { cpu: trans.__('Processors'), memory: trans.__('Memory'), gpu: trans.__('GPUs'), gpu_memory: trans.__('GPU memory') };
  return (
    <>
      {asked.error && <p className="steppe-Error">{asked.error}</p>}
      {curves
        .filter(({ points }) => points.length > 1)
        .map(curve => (
          <Plot key={curve.kind} name={names[curve.kind]} points={curve.points} limit={curve.asked} say={value => amount(curve.kind, value)} trans={trans} />
        ))}
      {samples.length < 2 && !asked.loading && <p className="steppe-Quiet">{trans.__('It was too quick to be watched over time.')}</p>}
      <table className="steppe-Table">
        <thead><tr><th /><th scope="col">{trans.__('asked for')}</th><th scope="col">{trans.__('at the peak')}</th></tr></thead>
        <tbody>
          {curves.map(({ kind, asked: limit, peak }) => (
            <tr key={kind}>
              <th scope="row">{names[kind]}</th>
              <td>{amount(kind, limit)}</td>
              <td data-over={limit !== null && peak !== null && peak > limit * 1.05}>{amount(kind, peak)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <RayTasks tasks={asked.data?.ray_tasks ?? {}} trans={trans} />
      <dl className="steppe-Facts">
        <Fact name={trans.__('Took')} value={lasting(told.brief.seconds)} />
        <Fact name={trans.__('CPU time')} value={told.used.cpu_seconds ? lasting(told.used.cpu_seconds) : ''} />
        <Fact name={trans.__('Cost')} value={told.cost === null ? '' : money(told.cost, told.currency)} />
        <Fact name={trans.__('Hits')} value={saved(told, trans)} />
        <Fact name={trans.__('Seed')} value={told.seed === null ? '' : String(told.seed)} />
      </dl>
    </>
  );
}

/** What a step's code has run on a Ray cluster of its own: how many tasks of each name, by what has become of them. */
function RayTasks({ tasks, trans }: { tasks: Usage['ray_tasks']; trans: TranslationBundle }): JSX.Element | null {
  const rows = Object.entries(tasks);
  if (rows.length === 0) {
    return null;
  }
  const count = (counts: Record<string, number>, state: string): string => (counts[state] ? counts[state].toLocaleString() : '');
  return (
    <table className="steppe-Table" data-tasks>
      <thead>
        <tr>
          <th scope="col">{trans.__('Ray tasks')}</th><th scope="col">{trans.__('waiting')}</th><th scope="col">{trans.__('running')}</th>
          <th scope="col">{trans.__('finished')}</th><th scope="col">{trans.__('failed')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([name, counts]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            {['waiting', 'running', 'finished', 'failed'].map(state => <td key={state}>{count(counts, state)}</td>)}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function saved(told: StepRun, trans: TranslationBundle): string {
  if (told.hits === 0) {
    return '';
  }
  const time = lasting(told.saved);
  return told.saved_cost === null ? trans.__('%1, which saved %2', told.hits, time) : trans.__('%1, which saved %2 and %3', told.hits, time, money(told.saved_cost, told.currency));
}
