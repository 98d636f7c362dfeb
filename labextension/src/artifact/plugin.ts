/** The plugins of artifact pages: what is here loads with JupyterLab; the pages come by `import()` when one is opened. */
import { ILayoutRestorer } from '@jupyterlab/application';
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import { Client } from '../api/client';
import type { ArtifactPage } from './page';
import type { CardOpener } from './card';

export const OPEN = 'steppe:open-artifact';
export const CARD = 'application/vnd.steppe.card+json';

export const artifact: JupyterFrontEndPlugin<void> = {
  id: 'steppe-lab:artifact',
  description: 'Pages of artifacts: tables, arrays, figures, models.',
  autoStart: true,
  requires: [IRenderMimeRegistry],
  optional: [ITranslator, ILayoutRestorer],
  activate: (
    app: JupyterFrontEnd,
    rendermime: IRenderMimeRegistry,
    translator: ITranslator | null,
    restorer: ILayoutRestorer | null
  ) => {
    const trans = (translator ?? nullTranslator).load('steppe');
    const client = new Client(app.serviceManager.serverSettings);
    const tracker = new WidgetTracker<MainAreaWidget<ArtifactPage>>({ namespace: 'steppe-artifact' });
    app.commands.addCommand(OPEN, {
      label: trans.__('Open Artifact'),
      caption: trans.__('Show a value that a step has made'),
      describedBy: {
        args: {
          type: 'object',
          properties: { path: { type: 'string' }, version: { type: 'string' } },
          required: ['version']
        }
      },
      isVisible: () => false,
      execute: async args => {
        const path = String(args['path'] ?? '');
        const version = String(args['version'] ?? '');
        const open = tracker.find(each => each.content.path === path && each.content.version === version);
        if (open !== undefined) {
          app.shell.activateById(open.id);
          return open;
        }
        const { ArtifactPage } = await import('./page');
        const content = new ArtifactPage({ path, version, client, commands: app.commands, rendermime, trans });
        const widget = new MainAreaWidget({ content });
        widget.id = `steppe-artifact-${version}-${path}`;
        widget.title.closable = true;
        widget.toolbar.hide(); // the page has its own buttons
        app.shell.add(widget, 'main', { mode: 'tab-after' });
        await tracker.add(widget);
        app.shell.activateById(widget.id);
        return widget;
      }
    });
    void restorer?.restore(tracker, {
      command: OPEN,
      args: widget => ({ path: widget.content.path, version: widget.content.version }),
      name: widget => `${widget.content.version}:${widget.content.path}`
    });
    const opener: CardOpener = { commands: app.commands, trans, path: '' };
    rendermime.addFactory(
      {
        safe: true,
        mimeTypes: [CARD],
        defaultRank: 40,
        createRenderer: options => {
          const path = (options.resolver as { path?: string } | null)?.path ?? '';
          return new LazyCard(options.mimeType, { ...opener, path });
        }
      },
      0
    );
  }
};

/** Stands for a card until what draws it has come. */
class LazyCard extends Widget implements IRenderMime.IRenderer {
  constructor(
    private readonly mimeType: string,
    private readonly opener: CardOpener
  ) {
    super();
    this.addClass('steppe-card');
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const { drawCard } = await import('./card');
    if (!this.isDisposed) {
      drawCard(this.node, model.data[this.mimeType], String(model.data['text/plain'] ?? ''), this.opener);
    }
  }
}
