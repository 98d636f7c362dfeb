/** Two runs side by side, in the main area. */
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { Client } from '../api/client';
import { told as inWords } from '../api/told';
import type { Comparison, Metrics, Pair, Run, StepPair, Value, ValuePair } from '../api/types';
import { age, lasting } from '../cells/durations';
import { useAsked } from './asking';
import { bytes } from './bytes';
import { DifferenceView } from './difference';
import { FiguresView } from './figures';
import { Overlay } from './overlay';

export interface CompareProps {
  client: Client;
  path: string;
  a: string;
  b: string;
  rendermime: IRenderMimeRegistry;
  openArtifact: (version: string) => void;
  trans: TranslationBundle;
}

export function CompareView({ client, path, a, b, rendermime, openArtifact, trans }: CompareProps): JSX.Element {
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
          <Row name={trans.__('Ended as')} a={inWords(told.a.status, trans)} b={inWords(told.b.status, trans)} />
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
      {steps.map(step => <StepPairView key={`${step.name} ${step.part}`} step={step} client={client} path={path} rendermime={rendermime} openArtifact={openArtifact} trans={trans} />)}
    </div>
  );
}

function differs(step: StepPair): boolean {
  return step.a === null || step.b === null || step.code !== '' || [...step.inputs, ...step.outputs, ...step.metrics].some(pair => !pair.same);
}

interface PairProps {
  step: StepPair;
  client: Client;
  path: string;
  rendermime: IRenderMimeRegistry;
  openArtifact: (version: string) => void;
  trans: TranslationBundle;
}

function StepPairView({ step, client, path, rendermime, openArtifact, trans }: PairProps): JSX.Element {
  const [node, seen] = useSeen();
  const said = (side: StepPair['a']): string => (side === null ? trans.__('not there') : [inWords(side.state, trans), side.seconds ? lasting(side.seconds) : ''].filter(text => text).join(' · '));
  return (
    <section ref={node}>
      <h2>{step.name}{step.part > 0 ? ` (${step.part + 1})` : ''}</h2>
      <table className="steppe-Table">
        <tbody>
          <Row name={trans.__('State')} a={said(step.a)} b={said(step.b)} />
          {step.metrics.map(pair => <PairRow key={`m ${pair.name}`} pair={pair} />)}
          {step.inputs.map(pair => <ValueRow key={`i ${pair.name}`} pair={pair} kind={trans.__('input')} open={openArtifact} trans={trans} />)}
          {step.outputs.map(pair => <ValueRow key={`o ${pair.name}`} pair={pair} kind={trans.__('output')} open={openArtifact} trans={trans} />)}
        </tbody>
      </table>
      {step.code && <DifferenceView unified={step.code} />}
      {seen && step.metrics.length > 0 && <MetricsPair a={step.a?.id ?? null} b={step.b?.id ?? null} client={client} path={path} trans={trans} />}
      {seen && <FiguresView a={step.a?.id ?? null} b={step.b?.id ?? null} client={client} path={path} rendermime={rendermime} trans={trans} />}
    </section>
  );
}

function MetricsPair({ a, b, client, path, trans }: { a: string | null; b: string | null; client: Client; path: string; trans: TranslationBundle }): JSX.Element {
  const left = useAsked<Metrics>(client, a === null ? null : `step-runs/${a}/metrics`, { path }).data?.series ?? {};
  const right = useAsked<Metrics>(client, b === null ? null : `step-runs/${b}/metrics`, { path }).data?.series ?? {};
  const names = [...new Set([...Object.keys(left), ...Object.keys(right)])].filter(name => Math.max(left[name]?.length ?? 0, right[name]?.length ?? 0) > 1);
  return <>{names.map(name => <Overlay key={name} name={name} a={left[name] ?? NONE} b={right[name] ?? NONE} trans={trans} />)}</>;
}

const NONE: Metrics['series'][string] = [];

/** Tell whether a section has come near the screen: what it draws is asked for only then. */
function useSeen(): [React.RefObject<HTMLElement>, boolean] {
  const node = React.useRef<HTMLElement>(null);
  const [seen, setSeen] = React.useState(false);
  React.useEffect(() => {
    if (node.current === null || seen) {
      return;
    }
    const watching = new IntersectionObserver(found => found.some(each => each.isIntersecting) && setSeen(true), { rootMargin: '400px' });
    watching.observe(node.current);
    return () => watching.disconnect();
  }, [seen]);
  return [node, seen];
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

function ValueRow({ pair, kind, open, trans }: { pair: ValuePair; kind: string; open: (version: string) => void; trans: TranslationBundle }): JSX.Element {
  return (
    <tr data-same={pair.same}>
      <th scope="row"><span className="steppe-Quiet">{kind} </span>{pair.name}</th>
      {[pair.a, pair.b].map((value, side) => <td key={side}>{value === null ? '–' : <ValueLink value={value} side={side === 0 ? 'A' : 'B'} trans={trans} open={open} />}</td>)}
    </tr>
  );
}

/** A value in short, which opens its page; of what no step has made nothing is kept, and its version is all that is known. */
function ValueLink({ value, side, trans, open }: { value: Value; side: string; trans: TranslationBundle; open: (version: string) => void }): JSX.Element {
  if (!value.type) {
    return <span className="steppe-Quiet" title={value.version}>{trans.__('not kept (%1)', value.version.slice(0, 11))}</span>;
  }
  const told = value.preview || value.type;
  const about = [told === value.type ? '' : value.type, value.bytes ? bytes(value.bytes) : ''].filter(text => text).join(' · ');
  return (
    <>
      <button type="button" className="steppe-Link" title={value.version} aria-label={`${value.name} (${side}): ${told}`} onClick={() => open(value.version)}>
        {told}
      </button>
      {about && <div className="steppe-Quiet">{about}</div>}
    </>
  );
}
