import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { expect, test, vi } from 'vitest';

import { drawCard } from './card';

vi.mock('../../style/artifact.css', () => ({}));

function opener(): { commands: CommandRegistry; asked: unknown[]; path: string; trans: ReturnType<typeof nullTranslator.load> } {
  const commands = new CommandRegistry();
  const asked: unknown[] = [];
  for (const command of ['steppe:open-artifact', 'steppe:open-step', 'steppe:show-cell']) {
    commands.addCommand(command, { execute: args => void asked.push(args) });
  }
  return { commands, asked, path: 'book.ipynb', trans: nullTranslator.load('steppe') };
}

const STEP = { id: 's1', kind: 'step', level: -1, name: 'train', type: '', preview: '', state: 'succeeded', cell: 'c1', notebook: 'n1' };
const NODES = [
  { id: 'b3:2', kind: 'artifact', level: 0, name: 'model', type: 'Model', preview: '', state: '' },
  STEP,
  { id: 'b3:1', kind: 'artifact', level: -1, name: 'rows', type: 'list', preview: 'list of 3', state: '' }
];
const EDGES = [{ source: 'b3:1', target: 's1' }, { source: 's1', target: 'b3:2' }, { source: 's1', target: 'nowhere' }];

test('a lineage is drawn from left to right, and each box opens what it stands for', () => {
  const host = document.createElement('div');
  const around = opener();
  drawCard(host, { kind: 'lineage', version: 'b3:2', notebook: 'n1', graph: { root: 'b3:2', nodes: NODES, edges: EDGES } }, 'model', around);
  const boxes = [...host.querySelectorAll<HTMLButtonElement>('button.steppe-box')];
  expect(boxes.map(box => box.textContent?.trim())).toEqual(['rows list of 3', 'train succeeded', 'model Model']);
  expect(boxes.map(box => parseInt(box.style.left))).toEqual([8, 192, 376]);
  expect(host.querySelectorAll('svg path').length).toBe(2);
  boxes.forEach(box => box.click());
  expect(around.asked).toEqual([
    { path: 'book.ipynb', version: 'b3:1' },
    { cell: 'c1' },
    { name: 'train', cell: 'c1' },
    { path: 'book.ipynb', version: 'b3:2' }
  ]);
});

test('a step of another notebook can not be opened from here, and its box says why', () => {
  const host = document.createElement('div');
  drawCard(host, { version: 'b3:2', notebook: 'other', graph: { nodes: NODES, edges: EDGES } }, 'model', opener());
  const box = host.querySelector<HTMLButtonElement>('.steppe-box[data-kind=step]');
  expect([box?.disabled, box?.title]).toEqual([true, expect.stringContaining('another notebook')]);
});

test('the card of a step opens its details and its cell', () => {
  const host = document.createElement('div');
  const around = opener();
  drawCard(host, { kind: 'step', name: 'train', cell: 'c1', step_run: 's1' }, 'train: ran', around);
  host.querySelectorAll('button').forEach(button => button.click());
  expect(around.asked).toEqual([{ name: 'train', cell: 'c1' }, { cell: 'c1' }]);
});

test('what a notebook brings is shown and never run, whatever it is', () => {
  for (const data of [null, 3, { graph: 7 }, { graph: { nodes: [null, 1] } }, { version: '<img src=x onerror=alert(1)>' }]) {
    const host = document.createElement('div');
    drawCard(host, data, '<script>alert(1)</script>', opener());
    expect(host.querySelector('img, script')).toBeNull();
    expect(host.textContent).toContain('<script>');
  }
});

test('a graph of nonsense is drawn as far as it goes', () => {
  const host = document.createElement('div');
  drawCard(host, { graph: { nodes: [{ level: 'x', name: '<b>' }, { level: {} }], edges: [null, 3, {}] } }, '', opener());
  expect([host.querySelectorAll('.steppe-box').length, host.querySelectorAll('svg path').length]).toEqual([2, 0]);
});
