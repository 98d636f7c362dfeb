/** `Run with Steppe…` and `Schedule with Steppe…` on a notebook in the file browser or in front: what loads with JupyterLab. */
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
  description: 'Runs a notebook headless, with its parameters, at once or at set times: one of the file browser, or the one in front.',
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
    const add = (command: string, label: string, caption: string, deed: (path: string) => Promise<void>): void => {
      app.commands.addCommand(command, {
        label,
        caption: args => {
          const lacks = args['front'] ? trans.__('Open a notebook first') : trans.__('Choose one notebook in the file browser');
          return which(args) === null ? lacks : caption;
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
            await deed(path.includes(':') ? path.slice(path.indexOf(':') + 1) : path);
          }
        }
      });
      palette?.addItem({ command, category: 'Steppe', args: { front: true } });
    };
    add('steppe:run-notebook', trans.__('Run with Steppe…'), trans.__('Run this notebook headless, with parameters'), async path => {
      const { runNotebook } = await import('./run');
      await runNotebook(path, pipelines.client, file => void documents?.openOrReveal(file), trans);
    });
    add('steppe:schedule-notebook', trans.__('Schedule with Steppe…'), trans.__('Have this notebook run at set times'), async path => {
      const { askForSchedule } = await import('../schedules/dialog');
      if (await askForSchedule(path, null, pipelines.client, trans)) {
        await app.commands.execute('steppe:open-schedules', { made: true });
      }
    });
  }
};
