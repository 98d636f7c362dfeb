import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { expect, test, vi } from 'vitest';

import { drawCard } from './card';

vi.mock('../../style/artifact.css', () => ({}));

function opener(): { commands: CommandRegistry; asked: unknown[]; path: string; trans: ReturnType<typeof nullTranslator.load> } {
  const commands = new CommandRegistry();
  const asked: unknown[] = [];
  commands.addCommand('steppe:open-artifact', { execute: args => void asked.push(args) });
  return { commands, asked, path: 'book.ipynb', trans: nullTranslator.load('steppe') };
}

const NODES = [
  { id: 'b3:2', kind: 'artifact', level: 0, name: 'model', type: 'Model', preview: '', state: '' },
  { id: 's1', kind: 'step', level: -1, name: 'train', type: '', preview: '', state: 'succeeded' },
  { id: 'b3:1', kind: 'artifact', level: -1, name: 'rows', type: 'list', preview: 'list of 3', state: '' }
];

test('a lineage has what came first above, and each value opens its page', () => {
  const host = document.createElement('div');
  const around = opener();
  drawCard(host, { kind: 'lineage', version: 'b3:2', graph: { nodes: NODES } }, 'model', around);
  expect([...host.querySelectorAll('li')].map(item => item.textContent)).toEqual(['▸ train succeeded', 'rows list of 3', 'model Model']);
  host.querySelector('button')!.click();
  expect(around.asked).toEqual([{ path: 'book.ipynb', version: 'b3:1' }]);
});

test('what a notebook brings is shown and never run, whatever it is', () => {
  for (const data of [null, 3, { graph: 7 }, { graph: { nodes: [null, 1] } }, { version: '<img src=x onerror=alert(1)>' }]) {
    const host = document.createElement('div');
    drawCard(host, data, '<script>alert(1)</script>', opener());
    expect(host.querySelector('img, script')).toBeNull();
    expect(host.textContent).toContain('<script>');
  }
});
