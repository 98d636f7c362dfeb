import { expect, it } from 'vitest';

import { Signal } from '@lumino/signaling';

import type { Client, Query } from '../api/client';
import type { EventStream, StreamEvent } from '../api/events';
import { Lines } from './lines';

/** A log on a server that writes down what it is asked. */
function log(texts: string[], live = false): { asked: Query[]; client: Client; texts: string[] } {
  const asked: Query[] = [];
  const answer = async (_: string, query: Query): Promise<unknown> => {
    asked.push(query);
    const offset = Number(query['offset']);
    const lines = texts.slice(offset, offset + Number(query['limit'])).map((text, at) => ({ number: offset + at, stream: 'stdout', text }));
    return { lines, total: texts.length, live };
  };
  return { asked, texts, client: { get: answer } as unknown as Client };
}

/** A stream of events that a test speaks through, and what it is asked to follow. */
class Stream {
  readonly received = new Signal<EventStream, StreamEvent>(this as unknown as EventStream);
  known: (() => number) | null = null;

  followLog(_: string, known: () => number): { dispose: () => void } {
    this.known = known;
    return { dispose: () => (this.known = null) };
  }

  tell(first: number, texts: string[], live = true): void {
    const lines = texts.map((text, at) => ({ number: first + at, stream: 'stdout', text }));
    this.received.emit({ kind: 'log', data: { step_run: 'id', lines, total: first + texts.length, live } });
  }
}

function linesOf(client: Client, stream = new Stream(), search = ''): Lines {
  return new Lines(client, stream as unknown as EventStream, 'n.ipynb', 'id', search, () => undefined);
}

const later = (): Promise<void> => new Promise(done => setTimeout(done));

it('asks for a page once, when a line of it is first wanted', async () => {
  const { asked, client } = log(Array.from({ length: 1200 }, (_, at) => `line ${at}`));
  const lines = linesOf(client);
  expect(lines.at(0)).toBeNull();
  lines.at(1);
  await later();
  expect([lines.total, lines.at(499)?.text]).toEqual([1200, 'line 499']);
  lines.at(1100);
  await later();
  expect(lines.at(1100)?.text).toBe('line 1100');
  expect(asked.map(query => query['offset'])).toEqual([0, 1000]);
});

it('loses no line of a log that grows over the end of a page', async () => {
  const { client, texts } = log(Array.from({ length: 499 }, (_, at) => `line ${at}`), true);
  const lines = linesOf(client);
  lines.at(0);
  await later();
  for (let at = 499; at < 1700; at++) {
    texts.push(`line ${at}`);
  }
  await lines.refresh();
  for (let at = 0; at < 1700; at += 100) {
    lines.at(at);
  }
  await later();
  expect(Array.from({ length: 1700 }, (_, at) => lines.at(at)?.text)).toEqual(texts);
});

it('takes lines of a running step as they are told, and follows it after those that it knows', async () => {
  const { client, asked } = log(['a', 'b'], true);
  const stream = new Stream();
  const lines = linesOf(client, stream);
  lines.at(0);
  await later();
  expect(stream.known?.()).toBe(1); // the last line may have grown
  stream.tell(1, ['bb', 'c']);
  stream.tell(3, ['d']);
  expect([0, 1, 2, 3].map(at => lines.at(at)?.text)).toEqual(['a', 'bb', 'c', 'd']);
  expect([lines.total, stream.known?.(), asked.length]).toEqual([4, 3, 1]);
});

it('asks for the lines between those that it has scrolled to and those that are told', async () => {
  const texts = Array.from({ length: 3000 }, (_, at) => `line ${at}`);
  const { client } = log(texts, true);
  const stream = new Stream();
  const lines = linesOf(client, stream);
  lines.at(0);
  await later();
  stream.tell(2999, ['line 2999', 'line 3000']);
  expect(lines.at(2500)).toBeNull();
  await later();
  expect([lines.at(2500)?.text, lines.at(3000)?.text]).toEqual(['line 2500', 'line 3000']);
});

it('follows no log of a step that has ended, and none after its end', async () => {
  const { client } = log(['a']);
  const stream = new Stream();
  const ended = linesOf(client, stream);
  ended.at(0);
  await later();
  expect(stream.known).toBeNull();
  const running = linesOf(log(['a'], true).client, stream);
  running.at(0);
  await later();
  expect(stream.known).not.toBeNull();
  running.dispose();
  expect(stream.known).toBeNull();
});
