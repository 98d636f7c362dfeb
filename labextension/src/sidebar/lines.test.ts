import { expect, it } from 'vitest';

import type { Client, Query } from '../api/client';
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

const later = (): Promise<void> => new Promise(done => setTimeout(done));

it('asks for a page once, when a line of it is first wanted', async () => {
  const { asked, client } = log(Array.from({ length: 1200 }, (_, at) => `line ${at}`));
  const lines = new Lines(client, 'n.ipynb', 'id', '', () => undefined);
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
  const lines = new Lines(client, 'n.ipynb', 'id', '', () => undefined);
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
