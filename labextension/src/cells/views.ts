/** What each open view of a notebook has of ours: badges, and a kernel that knows Steppe. */
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ISignal, Signal } from '@lumino/signaling';

import type { IPipelines } from '../pipeline/pipelines';
import type { Settings } from '../settings';
import { Badges } from './badges';
import { RanCells } from './ran';
import { TurningOn } from './turning_on';


export interface View {
  badges: Badges;
  kernel: TurningOn;
  ran: RanCells;
}

export class Views {
  constructor(
    tracker: INotebookTracker,
    private readonly pipelines: IPipelines,
    private readonly settings: Settings,
    private readonly open: (step: { name: string; cell: string }) => void,
    private readonly trans: TranslationBundle
  ) {
    tracker.forEach(panel => this.of(panel));
    tracker.widgetAdded.connect((_, panel) => this.of(panel));
    settings.changed.connect(() => this.views.forEach(view => view.badges.later()));
  }

  /** Emitted when a cell was handed to a kernel, or has ended there. */
  get handed(): ISignal<this, void> {
    return this._handed;
  }

  of(panel: NotebookPanel): View {
    let view = this.views.get(panel);
    if (view === undefined) {
      const model = this.pipelines.of(panel);
      const open = (cell: string): void => this.open({ name: model.cell(cell)?.name ?? '', cell });
      view = {
        badges: new Badges(panel, model, open, () => this.settings, this.trans),
        kernel: new TurningOn(panel, () => this.settings.turnOn),
        ran: new RanCells(panel)
      };
      this.views.set(panel, view);
      const made = view;
      made.badges.handed.changed.connect(() => this._handed.emit());
      panel.disposed.connect(() => {
        this.views.delete(panel);
        made.badges.dispose();
        made.kernel.dispose();
        made.ran.dispose();
      });
    }
    return view;
  }

  private readonly _handed = new Signal<this, void>(this);
  private readonly views = new Map<NotebookPanel, View>();
}
