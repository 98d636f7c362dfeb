/**
 * The plugins, and nothing else: what is here loads with JupyterLab, before any notebook is open. The graph, the tables and
 * all that draws them come by `import()` when they are first shown.
 */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';

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
  activate: (app: JupyterFrontEnd, tracker: INotebookTracker): IPipelines =>
    new Pipelines(new Client(app.serviceManager.serverSettings), tracker)
};

export default [pipelines, cells, sidebar, files, artifact] as JupyterFrontEndPlugin<unknown>[];
