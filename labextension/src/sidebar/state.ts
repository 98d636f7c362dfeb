/** What is chosen in the side bar: kept while its view is drawn anew, and told to who asks. */
import { ISignal, Signal } from '@lumino/signaling';

export type Tab = 'graph' | 'step' | 'runs' | 'schedules';

const TABS: readonly Tab[] = ['graph', 'step', 'runs', 'schedules'];

export interface Left {
  [name: string]: string | null;
  tab: Tab;
  step: string | null;
}

export class SidebarState {
  tab: Tab = 'graph';
  /** The chosen step's name, or null. */
  step: string | null = null;
  /** The chosen node's id in the graph, or null. */
  node: string | null = null;
  /** Changes with each run that begins or ends. */
  runsMark = '';

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  show(tab: Tab): void {
    this.tab = tab;
    this._changed.emit();
  }

  choose(step: string | null, node: string | null): void {
    this.step = step ?? this.step;
    this.node = node;
    this._changed.emit();
  }

  open(step: string): void {
    this.step = step;
    this.node = `step:${step}`;
    this.show('step');
  }

  /** Show again what was shown when the page was left, unless something has been chosen since. */
  restore(left: Partial<Left>): void {
    if (this.tab === 'graph' && this.step === null) {
      this.tab = TABS.find(tab => tab === left.tab) ?? 'graph';
      this.step = typeof left.step === 'string' ? left.step : null;
      this._changed.emit();
    }
  }

  /** What to keep for that. */
  left(): Left {
    return { tab: this.tab, step: this.step };
  }

  mark(run: string): void {
    this.runsMark = run;
    this._changed.emit();
  }

  private readonly _changed = new Signal<this, void>(this);
}
