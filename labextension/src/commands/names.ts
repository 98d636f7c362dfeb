/** The commands' names, before anything of them is loaded. */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';

import { runIcon, stepIcon } from '../icon';

export interface Name {
  id: string;
  label: string;
  caption: string;
  /** For toolbars. */
  icon?: LabIcon;
}

export function names(trans: TranslationBundle): Name[] {
  return [
    { id: 'steppe:run-stale', label: trans.__('Run Stale Steps'), caption: trans.__('Run the steps whose results are not sure to hold, and what they need'), icon: runIcon },
    { id: 'steppe:run-to-here', label: trans.__('Run to Here'), caption: trans.__('Run all cells down to this one: steps whose results hold are hits') },
    { id: 'steppe:run-all', label: trans.__('Run All Steps'), caption: trans.__('Run all cells: steps whose results hold are hits') },
    { id: 'steppe:cancel-step', label: trans.__('Cancel the Running Step'), caption: trans.__('Interrupt the step that runs') },
    { id: 'steppe:rerun-step', label: trans.__('Run This Step Again'), caption: trans.__('Run this step although its result holds') },
    { id: 'steppe:toggle-step', label: trans.__('Make This Cell a Step, or No Step'), caption: trans.__('Make this cell a step, or a plain cell again'), icon: stepIcon },
    { id: 'steppe:export-pipeline', label: trans.__('Export the Pipeline…'), caption: trans.__("Write the graph of this notebook's steps to a file, as Mermaid or JSON") }
  ];
}
