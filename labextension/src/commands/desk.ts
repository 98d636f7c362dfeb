/** What the commands do, and why one can't be done now. */
import type { Cell } from '@jupyterlab/cells';
import { Dialog, ISessionContextDialogs, Notification, SessionContextDialogs, showDialog } from '@jupyterlab/apputils';
import { INotebookTracker, NotebookActions, NotebookPanel } from '@jupyterlab/notebook';
import type { ServiceManager } from '@jupyterlab/services';
import { ITranslator, nullTranslator, TranslationBundle } from '@jupyterlab/translation';

import { briefly } from '../api/reasons';
import { rewrite, textOf } from '../cells/edit';
import { isStep } from '../cells/marks';
import { namesOf } from '../cells/naming';
import { toggled } from '../cells/toggling';
import type { Views } from '../cells/views';
import type { IPipelines } from '../pipeline/pipelines';
import { Choice } from './choice';
import { json, mermaid, pathFor } from './export';
import { cellsToRun, isStale } from './stale';

/** How long a cell that the kernel has not begun with is waited for before the kernel is interrupted, in milliseconds. */
const MOMENT = 5000;

const GOING_ON = new Set(['pending', 'queued', 'running', 'retrying']);

interface Deed {
  /** Why it can't be done now; empty where it can. */
  reason(panel: NotebookPanel, cell: Cell | null): string;
  run(panel: NotebookPanel, cell: Cell | null): Promise<unknown> | void;
}

export class Desk {
  constructor(
    private readonly tracker: INotebookTracker,
    private readonly pipelines: IPipelines,
    private readonly views: Views,
    private readonly contents: ServiceManager.IManager['contents'],
    private readonly open: (path: string) => void,
    private readonly translator: ITranslator | null,
    private readonly trans: TranslationBundle
  ) {
    this.dialogs = new SessionContextDialogs({ translator: translator ?? nullTranslator });
  }

  /** Why a command can't be done now; empty where it can. */
  reason(id: string): string {
    const panel = this.tracker.currentWidget;
    if (panel === null || panel.content.model === null) {
      return this.trans.__('no notebook is open');
    }
    return this.deeds[id]?.reason(panel, panel.content.activeCell) ?? '';
  }

  /** The same in a whole sentence, with what to do, where the server is at fault. */
  why(id: string): string {
    const told = this.reason(id);
    const model = this.pipelines.current;
    return model?.error && told === briefly(model.reason, this.trans) ? model.error : told;
  }

  async run(id: string): Promise<void> {
    const panel = this.tracker.currentWidget;
    if (panel !== null && this.reason(id) === '') {
      await this.deeds[id].run(panel, panel.content.activeCell);
    }
  }

  /** Whether a cell is a step: for the toggle's pressed state. */
  isStep(): boolean {
    const cell = this.tracker.activeCell;
    return cell !== null && cell.model.type === 'code' && isStep(textOf(cell));
  }

  private readonly deeds: Record<string, Deed> = {
    'steppe:run-stale': {
      reason: panel => (this.pipelines.of(panel).states().some(isStale) ? '' : this.noSteps(panel) || this.trans.__('nothing is stale')),
      run: async panel => {
        const model = this.pipelines.of(panel);
        await model.refresh();
        const ran = await this.views.of(panel).ran.ids();
        const code = panel.content.widgets.filter(cell => cell.model.type === 'code');
        const ids = new Set(cellsToRun(code.map(({ model: { id } }) => ({ id, ran: ran.has(id) })), id => model.cell(id)));
        await this.runCells(panel, code.filter(cell => ids.has(cell.model.id)));
      }
    },
    'steppe:run-to-here': {
      reason: (_, cell) => (cell === null ? this.trans.__('no cell is chosen') : ''),
      run: (panel, cell) => this.runCells(panel, panel.content.widgets.slice(0, panel.content.widgets.indexOf(cell as Cell) + 1))
    },
    'steppe:run-all': { reason: () => '', run: panel => this.runCells(panel, [...panel.content.widgets]) },
    'steppe:cancel-step': {
      reason: panel => (this.handed(panel) || this.background(panel).length ? '' : this.trans.__('no step runs')),
      run: async panel => {
        const behind = this.background(panel);
        if (this.handed(panel)) {
          await this.views.of(panel).badges.handed.settled(MOMENT);
          await panel.sessionContext.session?.kernel?.interrupt();
        }
        for (const name of behind) {
          await this.views.of(panel).kernel.quietly(`%steppe cancel ${name}`);
        }
      }
    },
    'steppe:rerun-step': {
      reason: (_, cell) => (cell !== null && this.isStep() ? '' : this.trans.__('this cell is no step')),
      run: async (panel, cell) => {
        const name = this.pipelines.of(panel).cell((cell as Cell).model.id)?.name;
        if (name) {
          // where it has never run there is nothing to be bypassed, and the kernel says so
          await this.views.of(panel).kernel.quietly(`%steppe rerun ${name}`);
        }
        await this.runCells(panel, [cell as Cell]);
      }
    },
    'steppe:toggle-step': {
      reason: (panel, cell) =>
        cell === null || cell.model.type !== 'code'
          ? this.trans.__('only a cell of code can be a step')
          : panel.content.model?.readOnly || !(cell.model.getMetadata('editable') ?? true)
            ? this.trans.__('this cell can not be edited')
            : '',
      run: (panel, cell) => {
        const others = panel.content.widgets.filter(each => each !== cell && each.model.type === 'code').map(textOf);
        rewrite(cell as Cell, toggled(textOf(cell as Cell), namesOf(others)));
      }
    },
    'steppe:export-pipeline': {
      reason: panel => this.noSteps(panel),
      run: async panel => {
        const pipeline = this.pipelines.of(panel).pipeline;
        const kinds = [this.trans.__('Mermaid flow chart (.mmd)'), this.trans.__('JSON (.json)')];
        const asked = await showDialog({
          title: this.trans.__('Export the pipeline as'),
          body: new Choice(this.trans.__('Format'), kinds),
          buttons: [Dialog.cancelButton(), Dialog.okButton({ label: this.trans.__('Export') })],
          focusNodeSelector: 'select'
        });
        if (pipeline === null || !asked.button.accept) {
          return;
        }
        const [extension, text] = asked.value === kinds[1] ? ['json', json(pipeline)] : ['mmd', mermaid(pipeline)];
        const folder = panel.context.path.replace(/[^/]*$/, '').replace(/\/$/, '');
        const listed = await this.contents.get(folder, { content: true });
        const taken = new Set((listed.content as { name: string }[]).map(file => file.name));
        const path = pathFor(panel.context.path, extension, taken);
        await this.contents.save(path, { type: 'file', format: 'text', content: text });
        const label = this.trans.__('Open');
        Notification.success(this.trans.__('The pipeline is in %1.', path), { autoClose: 8000, actions: [{ label, callback: () => this.open(path) }] });
      }
    }
  };

  private async runCells(panel: NotebookPanel, cells: Cell[]): Promise<void> {
    this.views.of(panel).kernel.ensure();
    const translator = this.translator ?? undefined;
    await NotebookActions.runCells(panel.content, cells, panel.sessionContext, this.dialogs, translator);
  }

  private noSteps(panel: NotebookPanel): string {
    const { error, reason, pipeline } = this.pipelines.of(panel);
    if (error && pipeline === null) {
      return briefly(reason, this.trans);
    }
    return pipeline?.steps.length ? '' : this.trans.__('this notebook has no steps');
  }

  /** Tell whether the kernel runs a cell. */
  private handed(panel: NotebookPanel): boolean {
    const kernel = panel.sessionContext.session?.kernel;
    // a page that was opened while a step runs has handed nothing over, and may not know that the kernel is busy
    const runs = this.pipelines.of(panel).states().some(({ run }) => run !== null && run.executor === 'inline' && GOING_ON.has(run.state));
    return this.views.of(panel).badges.handed.queue.length > 0 || (!!kernel && (kernel.status === 'busy' || runs));
  }

  /** The steps that go on in the background. */
  private background(panel: NotebookPanel): string[] {
    const queue = new Set(this.views.of(panel).badges.handed.queue.map(each => each.cell));
    const going = this.pipelines.of(panel).states().filter(({ run, part }) => run && GOING_ON.has(run.state) && !queue.has(part.cell));
    return going.filter(({ run }) => run?.executor !== 'inline').map(({ name }) => name);
  }

  private readonly dialogs: ISessionContextDialogs;
}

