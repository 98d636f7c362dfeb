/** All that comes with the first notebook: its views, the form, the status bar's item, and what the commands do. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { IDocumentManager } from '@jupyterlab/docmanager';
import type { INotebookTools, INotebookTracker } from '@jupyterlab/notebook';
import type { IStatusBar } from '@jupyterlab/statusbar';
import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';
import type { Widget } from '@lumino/widgets';

import { Desk } from '../commands/desk';
import type { IPipelines } from '../pipeline/pipelines';
import type { Settings } from '../settings';
import { StatusItem } from '../status/item';
import { OptionsForm } from './form';
import { GivenOptions } from './given';
import { Views } from './views';

import '../../style/cells.css';

export interface Parts {
  app: JupyterFrontEnd;
  tracker: INotebookTracker;
  pipelines: IPipelines;
  settings: Settings;
  translator: ITranslator | null;
  trans: TranslationBundle;
  statusBar: IStatusBar | null;
  tools: INotebookTools | null;
  documents: IDocumentManager | null;
}

export class Notebooks {
  constructor(parts: Parts) {
    const { app, tracker, pipelines, settings, trans, tools, statusBar } = parts;
    const open = (step: { name: string; cell: string }): void => {
      if (app.commands.hasCommand('steppe:open-step')) {
        void app.commands.execute('steppe:open-step', step);
      }
    };
    this.views = new Views(tracker, pipelines, settings, open, trans);
    const show = (path: string): void => void parts.documents?.openOrReveal(path);
    this.desk = new Desk(tracker, pipelines, this.views, app.serviceManager.contents, show, parts.translator, trans);
    const changed = (): void => app.commands.notifyCommandChanged();
    pipelines.changed.connect(changed);
    this.views.handed.connect(changed);
    tracker.activeCellChanged.connect(changed);
    settings.changed.connect(() => pipelines.configure(settings));
    pipelines.configure(settings);
    changed();
    if (tools !== null) {
      const given = new GivenOptions(pipelines.client);
      const show = (): void => given.show(tracker.activeCell, tracker.currentWidget?.context.path ?? '');
      tracker.activeCellChanged.connect(show);
      show();
      const form = new OptionsForm(given, () => void this.desk.run('steppe:toggle-step'), trans);
      tools.addSection({ sectionName: 'steppe', label: 'Steppe', rank: 0, tool: form });
      expand(form);
    }
    if (statusBar !== null) {
      const reveal = (): void => {
        if (app.commands.hasCommand('steppe:open-lineage')) {
          void app.commands.execute('steppe:open-lineage');
        }
      };
      statusBar.registerStatusItem('steppe-lab:status', { item: new StatusItem(pipelines, trans, reveal), align: 'left', rank: 10 });
    }
  }

  readonly views: Views;
  readonly desk: Desk;
}

/** Open the section that a tool is in: JupyterLab adds sections closed. */
function expand(tool: Widget): void {
  for (let around = tool.parent; around !== null; around = around.parent) {
    if ('collapsed' in around) {
      (around as Widget & { collapsed: boolean }).collapsed = false;
      return;
    }
  }
}
