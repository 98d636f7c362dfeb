/** The line below the graph: the chosen node, how it stands, what flows in and out. Screen readers hear it as one walks. */
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { told } from '../api/told';
import type { Pipeline, Variable } from '../api/types';
import type { Words } from '../cells/words';
import type { PipelineModel } from '../pipeline/model';
import { bytes } from './bytes';
import { sized } from './edges';
import { named } from './nodes';
import { ShapeNode, shapeOf, ShownKinds } from './shape';
import { standing } from './standing';

export interface ChosenProps {
  model: PipelineModel;
  trans: TranslationBundle;
  /** The chosen node's id. */
  id: string | null;
  shown: ShownKinds;
  now: number;
  open: (node: ShapeNode) => void;
}

const NONE: ReadonlySet<string> = new Set();

export function Chosen({ model, trans, id, shown, now, open }: ChosenProps): JSX.Element {
  const { pipeline } = model;
  const shape = React.useMemo(
    () => (pipeline === null || id === null ? null : shapeOf(pipeline, shown, NONE)),
    [pipeline, id === null, shown.variables, shown.files, shown.parameters]
  );
  const node = shape?.nodes.find(each => each.id === id);
  const words = node?.step ? standing(node.step, model, now, trans) : null;
  const said = node === undefined || pipeline === null ? [] : [steady(words), ...flows(node, pipeline, trans)].filter(text => text);
  const opens = node === undefined ? '' : opening(node, trans);
  return (
    <div className="steppe-Chosen" data-empty={node === undefined}>
      <div className="steppe-Chosen-said" role="status">
        {node !== undefined && (
          <>
            <b>{node.step === null ? `${told(node.kind, trans)} ${node.variable?.name ?? node.label}` : node.label}</b>
            {said.map(text => <span key={text}> · {text}</span>)}
          </>
        )}
      </div>
      {node !== undefined && opens && <button type="button" className="steppe-Button" onClick={() => open(node)}>{opens}</button>}
    </div>
  );
}

/** How a step stands, without what changes by the second: that would be read out by the second. */
function steady(words: Words | null): string {
  return words === null ? '' : words.kind === 'failed' ? words.text : words.text.split(' · ')[0];
}

/** What flows in and out of a node, or where it comes from and goes to. */
function flows({ kind, label, step, variable }: ShapeNode, { steps, edges, parameters }: Pipeline, trans: TranslationBundle): string[] {
  const list = (names: Iterable<string>): string => named([...new Set(names)]);
  const told = (variables: Variable[]): string => list(variables.map(sized));
  if (step !== null) {
    const reads = edges.filter(({ target }) => target === step.name).flatMap(({ variables }) => variables);
    const makes = edges.filter(({ source }) => source === step.name).flatMap(({ variables }) => variables);
    return [reads.length ? trans.__('reads %1', told(reads)) : '', makes.length ? trans.__('passes on %1', told(makes)) : ''];
  }
  let [makers, readers]: [string[], string[]] = [[], []];
  const more: string[] = [];
  if (variable !== null) {
    const along = edges.filter(({ variables, source }) => `${source}.${variable.name}` === label && variables.some(each => each.name === variable.name));
    [makers, readers] = [along.map(({ source }) => source), along.map(({ target }) => target)];
    more.push(variable.version ? [variable.type, variable.bytes ? bytes(variable.bytes) : ''].filter(text => text).join(' · ') : trans.__('not made yet'));
  } else if (kind === 'file') {
    makers = steps.filter(({ writes }) => writes.includes(label)).map(({ name }) => name);
    readers = steps.filter(({ reads }) => reads.includes(label)).map(({ name }) => name);
  } else {
    readers = steps.filter(({ inputs }) => inputs.includes(label)).map(({ name }) => name);
    more.push(`= ${parameters.find(({ name }) => name === label)?.value ?? ''}`);
  }
  const made = makers.length ? trans.__('made by %1', list(makers)) : '';
  return [...more, made, readers.length ? trans.__('read by %1', list(readers)) : trans.__('read by no step')];
}

/** What Enter does with a node, as a button says it; empty where there is nothing to open. */
function opening({ kind, step, variable }: ShapeNode, trans: TranslationBundle): string {
  if (step !== null) {
    return trans.__('Details');
  }
  if (kind === 'parameter') {
    return trans.__('Show its cell');
  }
  return variable === null || variable.version ? trans.__('Open') : '';
}
