/** The card of a step that goes on, in a cell's output: its state, how far it is, and its last lines, as the server tells of them. */
import type { IDisposable } from '@lumino/disposable';

import type { EventStream, StreamEvent } from '../api/events';
import { told } from '../api/told';
import type { StepRun, StepRunBrief } from '../api/types';
import { elapsed, lasting } from '../cells/durations';
import { ENDED, Progress } from '../pipeline/model';
import type { IPipelines } from '../pipeline/pipelines';
import { Lines } from '../sidebar/lines';
import { Card, CardOpener, element, stepLinks } from './card';

/** Lines that are shown. */
const LAST = 8;
const TICK = 1000;

/** Tell whether a card was made of a step that went on then. */
export function wentOn(card: Card): boolean {
  return card.kind === 'step' && typeof card.step_run === 'string' && typeof card.state === 'string' && !ENDED.has(card.state);
}

export class Running implements IDisposable {
  /**
   * @param host what it is drawn in.
   * @param plain what the kernel said of the step when the card was made: shown where the server knows no more.
   */
  constructor(
    host: HTMLElement,
    private readonly card: Card,
    plain: string,
    private readonly pipelines: IPipelines,
    private readonly opener: CardOpener
  ) {
    this.id = String(card.step_run);
    this.written = element('pre', plain, 'steppe-artifact-text');
    this.written.setAttribute('role', 'log');
    this.written.setAttribute('aria-label', opener.trans.__('The last lines of %1', String(card.name)));
    this.written.tabIndex = 0;
    this.bar.max = 1;
    this.bar.setAttribute('aria-label', opener.trans.__('How far %1 is', String(card.name)));
    const links = element('div', '', 'steppe-card-links');
    links.append(...stepLinks(card, opener));
    host.replaceChildren(this.said, this.bar, this.written, links);
    this.lines = new Lines(pipelines.client, pipelines.events, opener.path, this.id, '', () => this.draw());
    pipelines.events.received.connect(this.hear, this);
    this.timer = setInterval(() => this.draw(), TICK);
    this.progress = pipelines.current?.states().find(({ run }) => run?.id === this.id)?.progress ?? null;
    this.draw();
    void this.ask();
  }

  get isDisposed(): boolean {
    return this.ended;
  }

  dispose(): void {
    this.ended = true;
    clearInterval(this.timer);
    this.lines.dispose();
    this.pipelines.events.received.disconnect(this.hear, this);
  }

  private async ask(): Promise<void> {
    try {
      this.note((await this.pipelines.client.get<StepRun>(`step-runs/${this.id}`, { path: this.opener.path })).brief);
      this.lines.at(0);
    } catch {
      clearInterval(this.timer); // what the kernel said stays
      this.said.textContent = '';
    }
  }

  private hear(_: EventStream, { kind, data }: StreamEvent): void {
    if (kind === 'step' && (data as StepRunBrief).id === this.id) {
      this.note(data as StepRunBrief);
    } else if (kind === 'progress' && (data as { step_run: string }).step_run === this.id) {
      this.progress = data as Progress;
      this.draw();
    } else if (kind === 'reset') {
      void this.ask();
    }
  }

  private note(brief: StepRunBrief): void {
    this.brief = brief;
    if (ENDED.has(brief.state)) {
      clearInterval(this.timer);
    }
    this.draw();
  }

  private draw(): void {
    const { brief, progress } = this;
    const trans = this.opener.trans;
    if (this.ended) {
      return;
    }
    const state = brief?.state ?? String(this.card.state);
    const since = brief?.started ?? Number(this.card.started);
    const goesOn = !ENDED.has(state);
    const took = goesOn ? elapsed(Date.now() / 1000 - since) : lasting(brief?.seconds || (brief?.ended ?? since) - since);
    const share = goesOn && progress?.total ? Math.min(1, progress.done / progress.total) : null;
    const parts = [told(state, trans), took, share === null ? '' : `${Math.floor(100 * share)} %`, goesOn ? progress?.text : '', brief?.error];
    this.said.textContent = trans.__('%1: %2', String(this.card.name), parts.filter(Boolean).join(' · '));
    this.said.dataset['state'] = state;
    this.bar.hidden = share === null;
    this.bar.value = share ?? 0;
    const first = Math.max(0, this.lines.total - LAST);
    const texts = Array.from({ length: this.lines.total - first }, (_, at) => this.lines.at(first + at)?.text ?? '…');
    if (brief !== null) {
      this.written.textContent = texts.join('\n');
      this.written.hidden = texts.length === 0;
    }
  }

  private readonly id: string;
  private readonly said = element('div', '', 'steppe-card-state');
  private readonly bar = document.createElement('progress');
  private readonly written: HTMLElement;
  private readonly lines: Lines;
  private readonly timer: ReturnType<typeof setInterval>;
  private brief: StepRunBrief | null = null;
  private progress: Progress | null;
  private ended = false;
}
