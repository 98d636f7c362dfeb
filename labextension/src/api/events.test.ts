import { afterEach, expect, test, vi } from 'vitest';

import type { Client, Query } from './client';
import { EventStream, StreamEvent } from './events';

/** A server that answers each connection with the next of `answers`, and then says nothing more. */
function served(answers: (string | Error)[]): { client: Client; asked: Query[] } {
  const asked: Query[] = [];
  const client = {
    url: (_: string, query: Query) => {
      asked.push(query);
      return 'events';
    },
    fetch: async (_: string, init: RequestInit) => {
      const answer = answers.shift();
      if (answer instanceof Error) {
        throw answer;
      }
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          controller.enqueue(new TextEncoder().encode(answer ?? ''));
          if (answer !== undefined) {
            controller.close();
          }
          init.signal?.addEventListener('abort', () => answer === undefined && controller.error(new Error('aborted')));
        }
      });
      return new Response(body, { status: 200 });
    }
  };
  return { client: client as unknown as Client, asked };
}

function heard(stream: EventStream): StreamEvent[] {
  const events: StreamEvent[] = [];
  stream.received.connect((_, event) => events.push(event));
  return events;
}

afterEach(() => {
  vi.useRealTimers();
});

test('events are told as they come, and the connection is made again where it had ended', async () => {
  vi.useFakeTimers();
  const { client, asked } = served(['id: E-1\nevent: step\ndata: {"id":"a"}\n\n', 'id: E-2\nevent: run\ndata: {"id":"b"}\n\n']);
  const stream = new EventStream(client);
  const events = heard(stream);
  stream.follow({ path: 'book.ipynb' });
  await vi.advanceTimersByTimeAsync(2000);
  expect(events).toEqual([
    { kind: 'step', data: { id: 'a' } },
    { kind: 'run', data: { id: 'b' } }
  ]);
  expect(asked.slice(0, 2)).toEqual([{ path: 'book.ipynb' }, { path: 'book.ipynb', last: 'E-1' }]);
  stream.dispose();
});

test('a server that can not be reached is asked again, less and less often', async () => {
  vi.useFakeTimers();
  const { client, asked } = served(Array.from({ length: 50 }, () => new Error('no network')));
  const stream = new EventStream(client);
  stream.follow({ path: '' });
  await vi.advanceTimersByTimeAsync(1000);
  const soon = asked.length;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(soon).toBeGreaterThanOrEqual(2);
  expect(asked.length).toBeLessThan(soon + 12);
  stream.dispose();
});

test('who follows another notebook begins at its present', async () => {
  vi.useFakeTimers();
  const { client, asked } = served(['id: E-7\nevent: step\ndata: {}\n\n']);
  const stream = new EventStream(client);
  stream.follow({ path: 'one.ipynb' });
  await vi.advanceTimersByTimeAsync(10);
  stream.follow({ path: 'two.ipynb' });
  await vi.advanceTimersByTimeAsync(10);
  expect(asked.at(-1)).toEqual({ path: 'two.ipynb' });
  stream.dispose();
});

test('nothing is told after the end', async () => {
  vi.useFakeTimers();
  const { client, asked } = served([new Error('no network')]);
  const stream = new EventStream(client);
  stream.follow({ path: '' });
  await vi.advanceTimersByTimeAsync(1);
  stream.dispose();
  const before = asked.length;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked.length).toBe(before);
});

test('what is heard goes on where it was when lines of a step are followed too, and those after the ones that are known', async () => {
  vi.useFakeTimers();
  const { client, asked } = served(['id: E-3\nevent: here\ndata: null\n\n']);
  const stream = new EventStream(client);
  const events = heard(stream);
  let known = 0;
  stream.follow({ path: '' });
  await vi.advanceTimersByTimeAsync(10);
  const [one, other] = [stream.followLog('a1', () => known), stream.followLog('b2', () => 7)];
  await vi.advanceTimersByTimeAsync(10);
  expect(asked).toEqual([{ path: '' }, { path: '', logs: 'a1:0,b2:7', last: 'E-3' }]);
  known = 12;
  other.dispose();
  await vi.advanceTimersByTimeAsync(10);
  expect(asked.at(-1)).toEqual({ path: '', logs: 'a1:12', last: 'E-3' });
  one.dispose();
  await vi.advanceTimersByTimeAsync(10);
  expect(asked.at(-1)).toEqual({ path: '', last: 'E-3' });
  expect(events).toEqual([]);
  stream.dispose();
});
