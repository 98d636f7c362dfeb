/**
 * The plugins, and nothing else: what is here loads with JupyterLab, before any notebook is open. The graph, the tables and
 * all that draws them come by `import()` when they are first shown.
 */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { Client } from './api/client';
import { artifact } from './artifact/plugin';
import { cells } from './cells/plugin';
import { files } from './files/plugin';
import { IPipelines, Pipelines } from './pipeline/pipelines';
import { sidebar } from './sidebar/plugin';

const pipelines: JupyterFrontEndPlugin<IPipelines> = {
  id: 'steppe-lab:pipelines',
  description: 'Follows the pipelines of open notebooks.',
  autoStart: true,
  provides: IPipelines,
  requires: [INotebookTracker],
  optional: [ITranslator],
  activate: (app: JupyterFrontEnd, tracker: INotebookTracker, translator: ITranslator | null): IPipelines => {
    const client = new Client(app.serviceManager.serverSettings, (translator ?? nullTranslator).load('steppe'));
    return new Pipelines(client, tracker, app.serviceManager.contents);
  }
};

export default [pipelines, cells, sidebar, files, artifact] as JupyterFrontEndPlugin<unknown>[];
