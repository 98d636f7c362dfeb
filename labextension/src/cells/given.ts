/** What the cell in front gives as options, and how it is changed: the server reads and writes the line. */
import type { Cell } from '@jupyterlab/cells';
import { IDisposable } from '@lumino/disposable';
import { Debouncer } from '@lumino/polling';
import { ISignal, Signal } from '@lumino/signaling';

import type { Client } from '../api/client';
import type { components } from '../api/schema';
import { rewrite, textOf } from './edit';
import { given, isStep, stepLine, taggedName, withLine } from './marks';

export type OptionKind = components['schemas']['OptionKind'];
export type OptionsGiven = components['schemas']['OptionsGiven'];

export class GivenOptions implements IDisposable {
  constructor(private readonly client: Client) {}

  /** Emitted when anything below has changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  /** All options that there are. */
  kinds: OptionKind[] = [];

  /** What the cell gives; null before the server has answered, and where the cell is no step. */
  found: OptionsGiven | null = null;

  /** What was typed for an option and is not written, since it does not fit: by name, with the reason. */
  readonly refused = new Map<string, { value: string; problem: string }>();

  /** Why the server has no answer; else empty. */
  error = '';

  get cell(): Cell | null {
    return this._cell;
  }

  get isStep(): boolean {
    return this._cell !== null && !this._cell.isDisposed && this._cell.model.type === 'code' && isStep(textOf(this._cell));
  }

  /** Look at another cell. */
  show(cell: Cell | null, path: string): void {
    if (cell === this._cell && path === this.path) {
      return;
    }
    this._cell?.model?.contentChanged.disconnect(this.onEdit, this);
    this._cell = cell;
    this._cell?.model.contentChanged.connect(this.onEdit, this);
    this.path = path;
    this.seen = '';
    this.found = null;
    this.refused.clear();
    void this.read();
  }

  /** Change an option, or take it away with an empty text. What does not fit is not written. */
  change(option: string, value: string): Promise<void> {
    this.changes = this.changes.then(() => this.changeNow(option, value));
    return this.changes;
  }

  private async changeNow(option: string, value: string): Promise<void> {
    const cell = this._cell;
    if (cell === null || !this.isStep) {
      return;
    }
    const before = this.asking(cell);
    const told = option === 'name' ? { name: value } : { changes: { [option]: value || null } };
    const answer = await this.ask({ ...before, ...told });
    if (answer === null || cell !== this._cell || cell.isDisposed) {
      return;
    }
    const problem = answer.settings.find(each => each.name === option)?.problem || (answer.settings.length || !answer.problem ? '' : answer.problem);
    if (problem && value) {
      this.refused.set(option, { value, problem });
      this._changed.emit();
      return;
    }
    this.refused.delete(option);
    if (JSON.stringify(before) !== JSON.stringify(this.asking(cell))) {
      await this.changeNow(option, value); // somebody has edited the cell meanwhile
      return;
    }
    this.write(cell, answer);
    this.found = answer;
    this._changed.emit();
  }

  dispose(): void {
    this._disposed = true;
    this.show(null, '');
    this.later.dispose();
    Signal.clearData(this);
  }

  private asking(cell: Cell): { line: string | null; given: Record<string, unknown> } {
    const { source, metadata } = textOf(cell);
    const line = stepLine(source);
    const told = given(metadata) ?? {};
    const name = taggedName(metadata);
    return line !== null ? { line, given: {} } : { line, given: { ...(name ? { name } : {}), ...told } };
  }

  private write(cell: Cell, answer: OptionsGiven): void {
    const { source, metadata } = textOf(cell);
    if (answer.line !== null) {
      rewrite(cell, { source: withLine(source, answer.line), metadata });
      return;
    }
    const { step: _, name, ...options } = answer.given;
    const tags = Array.isArray(metadata['tags']) ? (metadata['tags'] as unknown[]) : [];
    const tag = typeof name === 'string' && name ? `step:${name}` : 'step';
    const others = tags.map(each => (each === 'step' || String(each).startsWith('step:') ? tag : each));
    const { steppe: __, ...rest } = metadata;
    const more = Object.keys(options).length ? { steppe: options } : {};
    rewrite(cell, { source, metadata: { ...rest, ...(tags.length ? { tags: others } : {}), ...more } });
  }

  private async read(): Promise<void> {
    const cell = this._cell;
    if (cell === null || cell.isDisposed || !this.isStep) {
      this.found = null;
      this.seen = '';
      this._changed.emit();
      return;
    }
    const asked = this.asking(cell);
    const text = JSON.stringify(asked);
    if (text === this.seen) {
      return;
    }
    this.seen = text;
    if (!this.kinds.length || this.kindsOf !== this.path) {
      this.kindsOf = this.path;
      try {
        this.kinds = (await this.client.get<{ options: OptionKind[] }>('options', { path: this.path })).options;
      } catch (error) {
        this.error = error instanceof Error ? error.message : String(error);
      }
    }
    const answer = await this.ask(asked);
    if (answer !== null && cell === this._cell && text === this.seen) {
      this.found = answer;
    }
    this._changed.emit();
  }

  private async ask(body: Record<string, unknown>): Promise<OptionsGiven | null> {
    try {
      const answer = await this.client.send<OptionsGiven>('POST', 'options', { path: this.path, ...body });
      this.error = '';
      return answer;
    } catch (error) {
      this.error = error instanceof Error ? error.message : String(error);
      this._changed.emit();
      return null;
    }
  }

  private onEdit(): void {
    void this.later.invoke();
  }

  private changes: Promise<void> = Promise.resolve();
  private _cell: Cell | null = null;
  private path = '';
  private seen = '';
  private kindsOf = '';
  private _disposed = false;
  private readonly later = new Debouncer(() => this.read(), 150);
  private readonly _changed = new Signal<this, void>(this);
}
