/** What of the cells loads with JupyterLab: settings, and the names of commands. The rest comes with the first notebook. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { INotebookTools, INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { names } from '../commands/names';
import { IPipelines } from '../pipeline/pipelines';
import { Settings } from '../settings';
import type { Notebooks } from './notebooks';

const PLUGIN = 'steppe-lab:plugin';

export const cells: JupyterFrontEndPlugin<void> = {
  id: PLUGIN,
  description: 'Badges on steps, the form of their options, the commands, and the settings.',
  autoStart: true,
  requires: [INotebookTracker, IPipelines],
  optional: [ISettingRegistry, ITranslator, IStatusBar, INotebookTools, IDocumentManager, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    pipelines: IPipelines,
    registry: ISettingRegistry | null,
    translator: ITranslator | null,
    statusBar: IStatusBar | null,
    tools: INotebookTools | null,
    documents: IDocumentManager | null,
    palette: ICommandPalette | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('steppe');
    const settings = new Settings();
    void registry?.load(PLUGIN).then(
      found => settings.follow(found),
      () => undefined // no schema: all is as it is by default
    );
    let loading: Promise<Notebooks> | null = null;
    let loaded: Notebooks | null = null;
    const load = (): Promise<Notebooks> => {
      loading ??= import('./notebooks').then(({ Notebooks: Made }) => {
        loaded = new Made({ app, tracker, pipelines, settings, translator, trans, statusBar, tools, documents });
        return loaded;
      });
      return loading;
    };
    for (const { id, label, caption, icon } of names(trans)) {
      const reason = (): string => loaded?.desk.reason(id) ?? trans.__('no notebook is open');
      app.commands.addCommand(id, {
        label: args => (reason() && args['isPalette'] ? trans.__('%1 (%2)', label, reason()) : label),
        caption: () => (reason() ? trans.__('%1: %2', label, loaded?.desk.why(id) ?? reason()) : caption),
        icon,
        isEnabled: () => reason() === '',
        isToggled: id === 'steppe:toggle-step' ? () => loaded?.desk.isStep() ?? false : undefined,
        isToggleable: id === 'steppe:toggle-step',
        execute: async () => (await load()).desk.run(id)
      });
      palette?.addItem({ command: id, category: 'Steppe', args: { isPalette: true } });
    }
    tracker.widgetAdded.connect(() => void load());
    if (tracker.size > 0) {
      void load();
    }
  }
};
