/** All that is known of a step: why it ran or hit, what it read and bound, its log, numbers, code, and how its attempts ended. */
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { Client } from '../api/client';
import type { EventStream, StreamEvent } from '../api/events';
import { told as inWords } from '../api/told';
import type { Metrics, Node, StepRun, StepRunBrief, Value } from '../api/types';
import { age } from '../cells/durations';
import { ENDED, PipelineModel } from '../pipeline/model';
import { useAsked, usePages } from './asking';
import { bytes } from './bytes';
import { CodeView } from './code';
import { EnvironmentView } from './environment';
import { LogView } from './log';
import { Plot } from './plot';
import { ResourcesView } from './resources';
import { standing } from './standing';

export interface StepProps {
  model: PipelineModel;
  client: Client;
  events: EventStream;
  trans: TranslationBundle;
  step: Node;
  now: number;
  openArtifact: (version: string, name: string) => void;
  openCell: (cell: string) => void;
}

export function StepView({ model, client, events, trans, step, now, openArtifact, openCell }: StepProps): JSX.Element {
  const [part, setPart] = React.useState(0);
  const [chosen, setChosen] = React.useState('');
  React.useEffect(() => {
    setPart(0);
    setChosen('');
  }, [step.name]);
  const here = step.parts[Math.min(part, step.parts.length - 1)];
  const latest = model.cell(here.cell)?.run ?? here.last;
  const id = chosen || latest?.id || '';
  const state = model.cell(here.cell);
  const words = standing(step, model, now, trans);
  const path = model.path;
  const mark = latest ? `${latest.id} ${latest.state}` : '';
  const earlier = usePages<StepRunBrief>(client, latest ? 'step-runs' : null, { path, notebook: model.pipeline?.notebook, step: step.name, part: here.part, limit: 50 });
  const whole = useAsked<StepRun>(client, id ? `step-runs/${id}` : null, { path });
  React.useEffect(() => {
    earlier.again();
    whole.again();
  }, [mark]);
  const told = whole.data;
  return (
    <div className="steppe-Step">
      <header>
        <h2>
          {step.name}
          <button type="button" className="steppe-Link" onClick={() => openCell(here.cell)}>
            {trans.__('show its cell')}
          </button>
        </h2>
        <p className="steppe-Step-state" data-kind={words.kind}>{words.text}</p>
        {step.parts.length > 1 && (
          <label>
            {trans.__('Cell')}{' '}
            <select value={part} onChange={event => setPart(Number(event.target.value))}>
              {step.parts.map((_, number) => <option key={number} value={number}>{trans.__('%1 of %2', number + 1, step.parts.length)}</option>)}
            </select>
          </label>
        )}
        {(earlier.data?.items.length ?? 0) > 1 && (
          <label>
            {trans.__('Resolution')}{' '}
            <select value={id} onChange={event => setChosen(event.target.value === latest?.id ? '' : event.target.value)}>
              {earlier.data?.items.map(item => (
                <option key={item.id} value={item.id}>{`${inWords(item.state, trans)} · ${age(now - (item.ended ?? item.started), trans)}`}</option>
              ))}
            </select>
          </label>
        )}
        {earlier.more !== null && <button type="button" className="steppe-Link" onClick={earlier.more}>{trans.__('earlier ones, too')}</button>}
      </header>
      <Section title={trans.__('Why')} open>
        {state !== null && chosen === '' && state.part.why.map(line => <p key={line}>{line}</p>)}
        {told !== null && told.brief.why && <p className="steppe-Quiet">{trans.__('Then: %1', told.brief.why)}</p>}
        {told?.brief.error && <p className="steppe-Error">{told.brief.error}</p>}
        {told !== null && told.changes.length > 0 && <Changes told={told} trans={trans} />}
        {latest === null && <p className="steppe-Quiet">{trans.__('It has not run yet.')}</p>}
      </Section>
      {whole.error && <p className="steppe-Error">{whole.error}</p>}
      {whole.loading && told === null && <p className="steppe-Quiet">{trans.__('Loading…')}</p>}
      {told !== null && (
        <>
          <Section title={trans.__('Outputs (%1)', told.outputs.length)} open>
            <Values values={told.outputs} open={openArtifact} trans={trans} />
          </Section>
          <Section title={trans.__('Inputs (%1)', told.inputs.length)} open={told.inputs.length > 0}>
            <Values values={told.inputs} open={openArtifact} trans={trans} />
          </Section>
          <Section title={trans.__('Log')} open={!ENDED.has(told.brief.state)}>
            <LogView client={client} events={events} path={path} stepRun={told.brief.id} trans={trans} />
          </Section>
          <Section title={trans.__('Metrics')} open>
            <MetricsView client={client} events={events} path={path} stepRun={told.brief.id} mark={mark} trans={trans} />
          </Section>
          <Section title={trans.__('Code')}>
            <CodeView client={client} path={path} told={told} now={now} trans={trans} />
          </Section>
          <Section title={trans.__('Files (%1)', told.trace.length + told.written.length)}>
            <ul className="steppe-List">
              {told.trace.map(item => <li key={item.kind + item.name}><span className="steppe-Quiet">{inWords(item.kind, trans)}</span> {item.name}</li>)}
              {told.written.map(item => <li key={`written ${item.name}`}><span className="steppe-Quiet">{item.kind === 'removed' ? trans.__('removed') : trans.__('written')}</span> {item.name}</li>)}
            </ul>
          </Section>
          <Section title={trans.__('Resources')}>
            <ResourcesView client={client} path={path} told={told} mark={mark} trans={trans} />
          </Section>
          <Section title={trans.__('Environment')}>
            <EnvironmentView client={client} path={path} stepRun={told.brief.id} trans={trans} />
          </Section>
          {told.attempts.length > 0 && (
            <Section title={trans.__('Attempts (%1)', told.attempts.length)}>
              <ul className="steppe-List">
                {told.attempts.map(item => (
                  <li key={item.number}>
                    {item.number}. <b>{inWords(item.state, trans)}</b> <span className="steppe-Quiet">{item.executor}</span>
                    <div>{item.explained}</div>
                  </li>
                ))}
              </ul>
            </Section>
          )}
        </>
      )}
    </div>
  );
}

export function Section({ title, open = false, children }: { title: string; open?: boolean; children: React.ReactNode }): JSX.Element {
  const [shown, setShown] = React.useState(open);
  return (
    <details className="steppe-Section" open={shown} onToggle={event => setShown(event.currentTarget.open)}>
      <summary>{title}</summary>
      {shown && children}
    </details>
  );
}

function Changes({ told, trans }: { told: StepRun; trans: TranslationBundle }): JSX.Element {
  const short = (text: string | null): string => (text === null ? trans.__('none') : text.startsWith('b3:') ? text.slice(0, 11) : text);
  return (
    <table className="steppe-Table">
      <thead><tr><th>{trans.__('Changed')}</th><th>{trans.__('was')}</th><th>{trans.__('is')}</th></tr></thead>
      <tbody>
        {told.changes.map(change => (
          <tr key={change.kind + change.name}>
            <td><span className="steppe-Quiet">{inWords(change.kind, trans)}</span> {change.name}</td>
            <td title={change.old ?? ''}>{short(change.old)}</td>
            <td title={change.new ?? ''}>{short(change.new)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Values({ values, open, trans }: { values: Value[]; open: (version: string, name: string) => void; trans: TranslationBundle }): JSX.Element {
  if (values.length === 0) {
    return <p className="steppe-Quiet">{trans.__('None.')}</p>;
  }
  return (
    <ul className="steppe-List">
      {values.map(value => (
        <li key={value.name}>
          <button type="button" className="steppe-Link" disabled={!value.type} onClick={() => open(value.version, value.name)}>{value.name}</button>{' '}
          <span className="steppe-Quiet">{[value.type, value.bytes ? bytes(value.bytes) : ''].filter(text => text).join(' · ')}</span>
          {value.preview && <div className="steppe-Preview">{value.preview}</div>}
        </li>
      ))}
    </ul>
  );
}

/** Milliseconds between two questions for the numbers of a step that logs more. */
const APART = 500;

interface MetricsProps {
  client: Client;
  events: EventStream;
  path: string;
  stepRun: string;
  mark: string;
  trans: TranslationBundle;
}

function MetricsView({ client, events, path, stepRun, mark, trans }: MetricsProps): JSX.Element {
  const asked = useAsked<Metrics>(client, `step-runs/${stepRun}/metrics`, { path });
  const again = React.useRef(asked.again);
  again.current = asked.again;
  React.useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const hear = (_: EventStream, { kind, data }: StreamEvent): void => {
      if (kind === 'metric' && (data as { step_run: string }).step_run === stepRun && timer === undefined) {
        timer = setTimeout(() => {
          timer = undefined;
          again.current();
        }, APART);
      }
    };
    events.received.connect(hear);
    return () => {
      events.received.disconnect(hear);
      clearTimeout(timer);
    };
  }, [events, stepRun]);
  React.useEffect(asked.again, [mark]);
  const series = Object.entries(asked.data?.series ?? {});
  if (series.length === 0) {
    return <p className="steppe-Quiet">{asked.error || trans.__('It logged none: steppe.log_metric(name, value) does.')}</p>;
  }
  return <>{series.map(([name, points]) => <Plot key={name} name={name} points={points} trans={trans} />)}</>;
}
