/** What each open view of a notebook has of ours: badges, and a kernel that knows Steppe. */
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IPipelines } from '../pipeline/pipelines';
import type { Settings } from '../settings';
import { Badges } from './badges';
import { TurningOn } from './turning_on';

import '../../style/cells.css';

export interface View {
  badges: Badges;
  kernel: TurningOn;
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

  of(panel: NotebookPanel): View {
    let view = this.views.get(panel);
    if (view === undefined) {
      const model = this.pipelines.of(panel);
      const open = (cell: string): void => this.open({ name: model.cell(cell)?.name ?? '', cell });
      view = {
        badges: new Badges(panel, model, open, () => this.settings, this.trans),
        kernel: new TurningOn(panel, () => this.settings.turnOn)
      };
      this.views.set(panel, view);
      const made = view;
      panel.disposed.connect(() => {
        this.views.delete(panel);
        made.badges.dispose();
        made.kernel.dispose();
      });
    }
    return view;
  }

  private readonly views = new Map<NotebookPanel, View>();
}
