/** How a whole step stands, where it has several cells: as the one that matters most. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Node } from '../api/types';
import { Kind, Words, wordsOf } from '../cells/words';
import type { PipelineModel } from '../pipeline/model';

const MATTERS: Kind[] = [
  'running',
  'failed',
  'problem',
  'queued',
  'stale-code',
  'stale-data',
  'stale-environment',
  'stale',
  'cancelled',
  'never',
  'unknown',
  'setup',
  'succeeded',
  'would-hit',
  'hit'
];

/** Return what is said of a step in the graph. */
export function standing(step: Node, model: PipelineModel, now: number, trans: TranslationBundle): Words {
  const around = { now, handed: null, showSaved: true, error: model.error, reason: model.reason };
  const all = step.parts.map(part => wordsOf(model.cell(part.cell), around, trans));
  return all.sort((a, b) => MATTERS.indexOf(a.kind) - MATTERS.indexOf(b.kind))[0];
}
