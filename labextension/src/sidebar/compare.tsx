/** Two runs side by side, in the main area. */
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { Client } from '../api/client';
import type { Comparison, Pair, Run, StepPair } from '../api/types';
import { age, lasting } from '../cells/durations';
import { useAsked } from './asking';
import { DifferenceView } from './difference';

export interface CompareProps {
  client: Client;
  path: string;
  a: string;
  b: string;
  trans: TranslationBundle;
}

export function CompareView({ client, path, a, b, trans }: CompareProps): JSX.Element {
  const [same, setSame] = React.useState(false);
  const asked = useAsked<Comparison>(client, 'compare', { path, a, b });
  const told = asked.data;
  if (told === null) {
    return <p className={asked.error ? 'steppe-Error' : 'steppe-Quiet'}>{asked.error || trans.__('Loading…')}</p>;
  }
  const steps = told.steps.filter(step => same || differs(step));
  return (
    <div className="steppe-Compare">
      <h1>{trans.__('Two runs side by side')}</h1>
      <table className="steppe-Table">
        <thead><tr><th /><th>A</th><th>B</th></tr></thead>
        <tbody>
          <Row name={trans.__('Began')} a={when(told.a, trans)} b={when(told.b, trans)} />
          <Row name={trans.__('Ended as')} a={told.a.status} b={told.b.status} />
          <Row name={trans.__('Owner')} a={told.a.owner} b={told.b.owner} />
          <Row name={trans.__('Commit')} a={told.a.commit} b={told.b.commit} />
          <Row name={trans.__('Tags')} a={told.a.tags.join(', ')} b={told.b.tags.join(', ')} />
          {told.parameters.map(pair => <PairRow key={`p ${pair.name}`} pair={pair} />)}
          {told.packages.map(pair => <PairRow key={`v ${pair.name}`} pair={pair} />)}
        </tbody>
      </table>
      <p>
        <label><input type="checkbox" checked={same} onChange={event => setSame(event.target.checked)} /> {trans.__('show steps that are alike, too')}</label>
      </p>
      {steps.length === 0 && <p className="steppe-Quiet">{trans.__('All steps are alike.')}</p>}
      {steps.map(step => <StepPairView key={`${step.name} ${step.part}`} step={step} trans={trans} />)}
    </div>
  );
}

function differs(step: StepPair): boolean {
  return step.a === null || step.b === null || step.code !== '' || [...step.inputs, ...step.outputs, ...step.metrics].some(pair => !pair.same);
}

function StepPairView({ step, trans }: { step: StepPair; trans: TranslationBundle }): JSX.Element {
  const said = (side: StepPair['a']): string => (side === null ? trans.__('not there') : [side.state, side.seconds ? lasting(side.seconds) : ''].filter(text => text).join(' · '));
  const values = (pairs: Pair[]): Pair[] => pairs.map(pair => ({ ...pair, a: pair.a?.slice(0, 11) ?? null, b: pair.b?.slice(0, 11) ?? null }));
  return (
    <section>
      <h2>{step.name}{step.part > 0 ? ` (${step.part + 1})` : ''}</h2>
      <table className="steppe-Table">
        <tbody>
          <Row name={trans.__('State')} a={said(step.a)} b={said(step.b)} />
          {step.metrics.map(pair => <PairRow key={`m ${pair.name}`} pair={pair} />)}
          {values(step.inputs).map(pair => <PairRow key={`i ${pair.name}`} pair={pair} kind={trans.__('input')} />)}
          {values(step.outputs).map(pair => <PairRow key={`o ${pair.name}`} pair={pair} kind={trans.__('output')} />)}
        </tbody>
      </table>
      {step.code && <DifferenceView unified={step.code} />}
    </section>
  );
}

function when(run: Run, trans: TranslationBundle): string {
  return `${new Date(run.started * 1000).toLocaleString()} (${age(Date.now() / 1000 - run.started, trans)})`;
}

function Row({ name, a, b }: { name: string; a: string; b: string }): JSX.Element | null {
  return a || b ? <PairRow pair={{ name, a, b, same: a === b }} /> : null;
}

function PairRow({ pair, kind = '' }: { pair: Pair; kind?: string }): JSX.Element {
  return (
    <tr data-same={pair.same}>
      <th scope="row">{kind && <span className="steppe-Quiet">{kind} </span>}{pair.name}</th>
      <td>{pair.a ?? '–'}</td>
      <td>{pair.b ?? '–'}</td>
    </tr>
  );
}
