/** What of the cells loads with JupyterLab: settings, the names of commands. The rest comes with the first notebook. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { IPipelines } from '../pipeline/pipelines';
import { Settings } from '../settings';
import type { Views } from './views';

export const DOMAIN = 'steppe';
export const PLUGIN = 'steppe-lab:plugin';

export const cells: JupyterFrontEndPlugin<void> = {
  id: PLUGIN,
  description: 'Badges on steps, the commands, and the settings.',
  autoStart: true,
  requires: [INotebookTracker, IPipelines],
  optional: [ISettingRegistry, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    pipelines: IPipelines,
    registry: ISettingRegistry | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const settings = new Settings();
    void registry?.load(PLUGIN).then(found => settings.follow(found));
    let loading: Promise<Views> | null = null;
    const load = async (): Promise<Views> => {
      const { Views: Made } = await import('./views');
      const open = (step: { name: string; cell: string }): void => {
        if (app.commands.hasCommand('steppe:open-step')) {
          void app.commands.execute('steppe:open-step', step);
        }
      };
      return new Made(tracker, pipelines, settings, open, trans);
    };
    const begin = (): void => {
      loading = loading ?? load();
    };
    tracker.widgetAdded.connect(begin);
    if (tracker.size > 0) {
      begin();
    }
  }
};
