/** What is chosen in the side bar: kept while its view is drawn anew, and told to who asks. */
import { ISignal, Signal } from '@lumino/signaling';

export type Tab = 'graph' | 'step' | 'runs';

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

  mark(run: string): void {
    this.runsMark = run;
    this._changed.emit();
  }

  private readonly _changed = new Signal<this, void>(this);
}
