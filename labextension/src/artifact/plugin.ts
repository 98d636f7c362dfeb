/** The plugins of artifact pages: what is here loads with JupyterLab; the pages come by `import()` when one is opened. */
import { ILabShell, ILayoutRestorer } from '@jupyterlab/application';
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { Widget } from '@lumino/widgets';

import { bringUp, showPage } from '../area';
import { IPipelines } from '../pipeline/pipelines';
import type { ArtifactPage } from './page';
import type { CardOpener } from './card';

export const OPEN = 'steppe:open-artifact';
export const CARD = 'application/vnd.steppe.card+json';

export const artifact: JupyterFrontEndPlugin<void> = {
  id: 'steppe-lab:artifact',
  description: 'Pages of artifacts: tables, arrays, figures, models.',
  autoStart: true,
  requires: [IRenderMimeRegistry, IPipelines],
  optional: [ITranslator, ILayoutRestorer, ICommandPalette, ILabShell],
  activate: (
    app: JupyterFrontEnd,
    rendermime: IRenderMimeRegistry,
    pipelines: IPipelines,
    translator: ITranslator | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    labShell: ILabShell | null
  ) => {
    const trans = (translator ?? nullTranslator).load('steppe');
    const client = pipelines.client;
    const inFront = (notebook: string): string | null => (pipelines.current?.pipeline?.notebook === notebook ? pipelines.current.path : null);
    const some = (): boolean => pipelines.current?.states().some(({ run }) => run !== null) ?? false;
    const tracker = new WidgetTracker<MainAreaWidget<ArtifactPage>>({ namespace: 'steppe-artifact' });
    app.commands.addCommand(OPEN, {
      label: args => (args['version'] ? trans.__('Open Artifact') : trans.__('Open Artifact…')),
      caption: args => (args['version'] || some() ? trans.__('Show a value that a step has made') : trans.__('Open Artifact: no step of this notebook has run')),
      describedBy: {
        args: {
          type: 'object',
          properties: { path: { type: 'string' }, version: { type: 'string' } }
        }
      },
      isEnabled: args => !!args['version'] || some(),
      execute: async args => {
        if (!args['version']) {
          const { chosenValue } = await import('./choose');
          const value = await chosenValue(pipelines, trans);
          return value === null ? undefined : app.commands.execute(OPEN, value);
        }
        const path = String(args['path'] ?? '');
        const version = String(args['version']);
        const open = tracker.find(each => each.content.path === path && each.content.version === version);
        if (open !== undefined) {
          bringUp(app.shell, open);
          return open;
        }
        const { ArtifactPage } = await import('./page');
        const content = new ArtifactPage({ path, version, client, commands: app.commands, rendermime, trans, inFront });
        const widget = new MainAreaWidget({ content });
        widget.id = `steppe-artifact-${version}-${path}`;
        widget.title.closable = true;
        widget.toolbar.hide(); // the page has its own buttons
        await tracker.add(widget);
        showPage(app.shell, widget, labShell !== null, () => pipelines.current?.panel.activate());
        return widget;
      }
    });
    palette?.addItem({ command: OPEN, category: 'Steppe' });
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
          return new LazyCard(options.mimeType, { ...opener, path }, pipelines);
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
    private readonly opener: CardOpener,
    private readonly pipelines: IPipelines
  ) {
    super();
    this.addClass('steppe-card');
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const [{ cardOf, drawCard }, { Running, wentOn }] = await Promise.all([import('./card'), import('./running')]);
    if (this.isDisposed) {
      return;
    }
    this.running?.dispose();
    this.running = null;
    const [data, plain] = [model.data[this.mimeType], String(model.data['text/plain'] ?? '')];
    if (wentOn(cardOf(data))) {
      this.running = new Running(this.node, cardOf(data), plain, this.pipelines, this.opener);
    } else {
      drawCard(this.node, data, plain, this.opener);
    }
  }

  dispose(): void {
    this.running?.dispose();
    super.dispose();
  }

  private running: IDisposable | null = null;
}
