/** `Run with Steppe…` on a notebook in the file browser: what loads with JupyterLab. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { stepIcon } from '../icon';
import { IPipelines } from '../pipeline/pipelines';

export const files: JupyterFrontEndPlugin<void> = {
  id: 'steppe-lab:files',
  description: 'Runs a notebook of the file browser headless, with its parameters.',
  autoStart: true,
  requires: [IPipelines],
  optional: [IFileBrowserFactory, IDocumentManager, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    pipelines: IPipelines,
    browsers: IFileBrowserFactory | null,
    documents: IDocumentManager | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('steppe');
    const chosen = (): string | null => {
      const items = [...(browsers?.tracker.currentWidget?.selectedItems() ?? [])].filter(item => item.type === 'notebook');
      return items.length === 1 ? items[0].path : null;
    };
    app.commands.addCommand('steppe:run-notebook', {
      label: trans.__('Run with Steppe…'),
      caption: () => (chosen() === null ? trans.__('Choose one notebook in the file browser') : trans.__('Run this notebook headless, with parameters')),
      icon: stepIcon,
      isEnabled: args => typeof args['path'] === 'string' || chosen() !== null,
      execute: async args => {
        const path = typeof args['path'] === 'string' ? args['path'] : chosen();
        if (path !== null) {
          const { runNotebook } = await import('./run');
          const local = path.includes(':') ? path.slice(path.indexOf(':') + 1) : path;
          await runNotebook(local, pipelines.client, file => void documents?.openOrReveal(file), trans);
        }
      }
    });
  }
};
