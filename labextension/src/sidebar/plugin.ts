/** What of the side bar loads with JupyterLab: its place, its icon, its commands. */
import { ILabShell, ILayoutRestorer, JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, MainAreaWidget, Notification, WidgetTracker } from '@jupyterlab/apputils';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { Debouncer } from '@lumino/polling';

import { bringUp, showPage } from '../area';
import { graphIcon, stepIcon } from '../icon';
import { IPipelines } from '../pipeline/pipelines';
import { LazyWidget } from './lazy';
import { Left, SidebarState } from './state';

export const DOMAIN = 'steppe';
const ID = 'steppe-sidebar';

export const sidebar: JupyterFrontEndPlugin<void> = {
  id: 'steppe-lab:sidebar',
  description: 'The pipeline of the notebook in front, its steps and its runs.',
  autoStart: true,
  requires: [IPipelines, IRenderMimeRegistry],
  optional: [ILabShell, ILayoutRestorer, ICommandPalette, ITranslator, IStateDB],
  activate: (
    app: JupyterFrontEnd,
    pipelines: IPipelines,
    rendermime: IRenderMimeRegistry,
    labShell: ILabShell | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    translator: ITranslator | null,
    database: IStateDB | null
  ): void => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const { commands, shell } = app;
    const state = new SidebarState();
    const panel = new LazyWidget(async node => (await import('./draw')).drawSidebar(node, { pipelines, commands, state, trans }));
    panel.id = ID;
    panel.title.icon = stepIcon;
    panel.title.caption = trans.__('Steppe: the pipeline of this notebook');
    shell.add(panel, 'left', { rank: 600 });
    restorer?.add(panel, ID);
    if (database !== null) {
      void keep(state, database);
    }

    pipelines.events.received.connect((_, { kind, data }) => {
      if (kind === 'run') {
        const run = data as { id: string; status: string };
        state.mark(`${run.id} ${run.status}`);
      } else if (kind === 'reset') {
        state.mark(`reset ${Date.now()}`);
      }
    });
    follow(pipelines, state);

    const reveal = (): void => {
      if (labShell !== null || !panel.isVisible) {
        shell.activateById(ID);
      }
    };
    commands.addCommand('steppe:open-lineage', {
      label: trans.__('Open Lineage of This Notebook'),
      caption: trans.__('Show the graph of this notebook’s steps in the side bar'),
      icon: graphIcon,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () => {
        state.show('graph');
        reveal();
      }
    });
    commands.addCommand('steppe:open-step', {
      label: trans.__('Open Details of a Step'),
      describedBy: { args: { type: 'object', properties: { name: { type: 'string' }, cell: { type: 'string' } } } },
      execute: args => {
        const cell = typeof args['cell'] === 'string' ? args['cell'] : (pipelines.current?.panel.content.activeCell?.model.id ?? '');
        const name = typeof args['name'] === 'string' && args['name'] ? args['name'] : pipelines.current?.cell(cell)?.name;
        if (name) {
          state.open(name);
        } else {
          state.show('step');
        }
        reveal();
      }
    });
    commands.addCommand('steppe:open-runs', {
      label: trans.__('Open Runs'),
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () => {
        state.show('runs');
        reveal();
      }
    });
    commands.addCommand('steppe:open-schedules', {
      label: trans.__('Open Schedules'),
      caption: trans.__('Show when notebooks of this project run by themselves'),
      describedBy: { args: { type: 'object', properties: {} } },
      execute: args => {
        state.show('schedules');
        if (args['made']) {
          state.mark(`made ${Date.now()}`);
        }
        reveal();
      }
    });
    commands.addCommand('steppe:show-cell', {
      label: trans.__('Show the Cell of a Step'),
      isVisible: () => false,
      describedBy: { args: { type: 'object', properties: { cell: { type: 'string' }, path: { type: 'string' } } } },
      execute: async args => {
        const path = typeof args['path'] === 'string' && args['path'] ? args['path'] : pipelines.current?.path;
        const panel = path === pipelines.current?.path ? pipelines.current?.panel : ((await commands.execute('docmanager:open', { path })) as NotebookPanel | undefined);
        if (panel === undefined || (labShell === null && panel !== pipelines.current?.panel)) {
          return; // Notebook 7 has opened the other notebook in a tab of the browser
        }
        await panel.context.ready;
        await panel.revealed;
        if (path !== undefined && args['path']) {
          shell.activateById(panel.id);
        }
        const notebook = panel.content;
        const index = notebook.widgets.findIndex(cell => cell.model.id === args['cell']);
        if (index >= 0) {
          notebook.activeCellIndex = index;
          notebook.deselectAll();
          await notebook.scrollToItem(index, 'smart');
        }
      }
    });
    commands.addCommand('steppe:open-file', {
      label: trans.__('Open a File That a Step Has Read'),
      isVisible: () => false,
      describedBy: { args: { type: 'object', properties: { path: { type: 'string' }, name: { type: 'string' } } } },
      execute: async args => {
        const { placeOf } = await import('./project_file');
        const name = String(args['name'] ?? '');
        const place = await placeOf(name, String(args['path'] ?? ''), app.serviceManager.contents);
        const command = place?.folder ? 'filebrowser:open-path' : 'docmanager:open';
        if (place === null || !commands.hasCommand(command)) {
          Notification.warning(trans.__('%1 can’t be opened here: it is not among the files that Jupyter shows.', name));
        } else {
          await commands.execute(command, { path: place.path });
        }
      }
    });
    addComparison(app, pipelines, rendermime, restorer, labShell, trans);
    for (const command of ['steppe:open-lineage', 'steppe:open-step', 'steppe:open-runs', 'steppe:compare-runs', 'steppe:open-schedules']) {
      palette?.addItem({ command, category: 'Steppe' });
    }
  }
};

/** Keep which tab and step are shown, for when the page is loaded again. */
async function keep(state: SidebarState, database: IStateDB): Promise<void> {
  const key = `steppe-lab:${ID}`;
  state.restore(((await database.fetch(key)) ?? {}) as Partial<Left>);
  const later = new Debouncer(() => database.save(key, state.left()), 300);
  state.changed.connect(() => void later.invoke());
}

/** Choose the node of the cell that is chosen in the notebook. */
function follow(pipelines: IPipelines, state: SidebarState): void {
  let heard = pipelines.current;
  const onCell = (): void => {
    const cell = pipelines.current?.panel.content.activeCell?.model.id;
    const name = cell === undefined ? undefined : pipelines.current?.cell(cell)?.name;
    if (name !== undefined && state.node !== `step:${name}`) {
      state.choose(name, `step:${name}`);
    }
  };
  const onFront = (): void => {
    if (pipelines.current === heard) {
      return;
    }
    heard?.panel.content?.activeCellChanged.disconnect(onCell);
    heard = pipelines.current;
    heard?.panel.content.activeCellChanged.connect(onCell);
    state.choose(null, null);
  };
  heard?.panel.content.activeCellChanged.connect(onCell);
  pipelines.changed.connect(onFront);
}

function addComparison(
  { commands, shell }: JupyterFrontEnd,
  pipelines: IPipelines,
  rendermime: IRenderMimeRegistry,
  restorer: ILayoutRestorer | null,
  labShell: ILabShell | null,
  trans: ReturnType<ITranslator['load']>
): void {
  const tracker = new WidgetTracker<MainAreaWidget<LazyWidget>>({ namespace: 'steppe-compare' });
  const asked = new WeakMap<MainAreaWidget<LazyWidget>, { path: string; a: string; b: string }>();
  commands.addCommand('steppe:compare-runs', {
    label: args => (args['a'] ? trans.__('Compare Two Runs') : trans.__('Compare Runs…')),
    caption: trans.__('Choose two runs, and hold them side by side'),
    describedBy: { args: { type: 'object', properties: { path: { type: 'string' }, a: { type: 'string' }, b: { type: 'string' } } } },
    execute: args => {
      if (!args['a'] || !args['b']) {
        return commands.execute('steppe:open-runs');
      }
      const which = { path: String(args['path'] ?? ''), a: String(args['a']), b: String(args['b']) };
      const id = `steppe-compare-${which.a}-${which.b}`;
      const open = tracker.find(each => each.id === id);
      if (open !== undefined) {
        bringUp(shell, open);
        return open;
      }
      const openArtifact = (version: string): void => void commands.execute('steppe:open-artifact', { path: which.path, version });
      const content = new LazyWidget(async node => (await import('./draw')).drawComparison(node, { client: pipelines.client, rendermime, openArtifact, trans, ...which }));
      const widget = new MainAreaWidget({ content });
      widget.id = id;
      widget.title.label = trans.__('Compare runs');
      widget.title.icon = stepIcon;
      widget.title.closable = true;
      asked.set(widget, which);
      void tracker.add(widget);
      showPage(shell, widget, labShell !== null, () => pipelines.current?.panel.activate());
      return widget;
    }
  });
  void restorer?.restore(tracker, {
    command: 'steppe:compare-runs',
    args: widget => asked.get(widget) ?? {},
    name: widget => widget.id
  });
}
