/** Asks which value to open: those of the chosen cell's step first, then all that the notebook's other steps have made. */
import { InputDialog, showErrorMessage } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { StepRun } from '../api/types';
import type { IPipelines } from '../pipeline/pipelines';

/** Steps whose values are asked for at once: more than that are found through the graph. */
const MOST = 60;

export interface ChosenValue {
  [name: string]: string;
  path: string;
  version: string;
}

/** Return what was chosen, or null. */
export async function chosenValue(pipelines: IPipelines, trans: TranslationBundle): Promise<ChosenValue | null> {
  const model = pipelines.current;
  if (model === null) {
    return null;
  }
  const { path } = model;
  const active = model.panel.content.activeCell?.model.id ?? '';
  const ran = model.states().filter(({ run }) => run !== null);
  const first = ran.filter(({ part }) => part.cell === active);
  const asked = [...first, ...ran.filter(state => !first.includes(state))].slice(0, MOST);
  const found = new Map<string, string>();
  try {
    const told = await Promise.all(asked.map(({ run }) => pipelines.client.get<StepRun>(`step-runs/${run?.id}`, { path })));
    for (const { brief, outputs } of told) {
      outputs.filter(({ version }) => version).forEach(({ name, type, version }) => found.set(trans.__('%1 of %2 (%3)', name, brief.name, type), version));
    }
  } catch (error) {
    await showErrorMessage(trans.__('Steppe can not tell what there is to open'), error instanceof Error ? error.message : String(error));
    return null;
  }
  if (found.size === 0) {
    await showErrorMessage(trans.__('There is nothing to open'), trans.__('No step of this notebook has made a value yet: run one first.'));
    return null;
  }
  const items = [...found.keys()];
  const answer = await InputDialog.getItem({ title: trans.__('Open which value?'), label: trans.__('Type a part of its name, or choose'), items, editable: true, okLabel: trans.__('Open') });
  const typed = answer.value?.trim().toLowerCase() ?? '';
  const name = items.find(item => item.toLowerCase() === typed) ?? items.find(item => typed && item.toLowerCase().includes(typed));
  if (!answer.button.accept || name === undefined) {
    return null;
  }
  return { path, version: found.get(name) ?? '' };
}
