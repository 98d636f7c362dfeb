/** `Run with Steppe…` on a notebook in the file browser or in front: what loads with JupyterLab. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { stepIcon } from '../icon';
import { IPipelines } from '../pipeline/pipelines';

export const files: JupyterFrontEndPlugin<void> = {
  id: 'steppe-lab:files',
  description: 'Runs a notebook headless, with its parameters: one of the file browser, or the one in front.',
  autoStart: true,
  requires: [IPipelines],
  optional: [IFileBrowserFactory, IDocumentManager, ITranslator, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    pipelines: IPipelines,
    browsers: IFileBrowserFactory | null,
    documents: IDocumentManager | null,
    translator: ITranslator | null,
    palette: ICommandPalette | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('steppe');
    const chosen = (): string | null => {
      const items = [...(browsers?.tracker.currentWidget?.selectedItems() ?? [])].filter(item => item.type === 'notebook');
      return items.length === 1 ? items[0].path : null;
    };
    /** The notebook that is meant: the one that is told, the one in front, or the one chosen in the file browser. */
    const which = (args: ReadonlyPartialJSONObject): string | null =>
      typeof args['path'] === 'string' ? args['path'] : args['front'] ? (pipelines.current?.path ?? null) : chosen();
    app.commands.addCommand('steppe:run-notebook', {
      label: trans.__('Run with Steppe…'),
      caption: args => {
        const lacks = args['front'] ? trans.__('Open a notebook first') : trans.__('Choose one notebook in the file browser');
        return which(args) === null ? lacks : trans.__('Run this notebook headless, with parameters');
      },
      describedBy: { args: { type: 'object', properties: { path: { type: 'string' }, front: { type: 'boolean' } } } },
      icon: stepIcon,
      isEnabled: args => which(args) !== null,
      execute: async args => {
        const path = which(args);
        if (path !== null) {
          const context = args['front'] ? pipelines.current?.panel.context : undefined;
          if (context?.model.dirty && !context.model.readOnly) {
            await context.save(); // what is run is the file
          }
          const { runNotebook } = await import('./run');
          const local = path.includes(':') ? path.slice(path.indexOf(':') + 1) : path;
          await runNotebook(local, pipelines.client, file => void documents?.openOrReveal(file), trans);
        }
      }
    });
    palette?.addItem({ command: 'steppe:run-notebook', category: 'Steppe', args: { front: true } });
  }
};
