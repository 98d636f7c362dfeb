// @vitest-environment node
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const BUILT = join(__dirname, '../../jupyter_ext/steppe_server/labextension/static');
const MOST = 50_000;

/** Modules that load with JupyterLab: all that `index.ts` imports, to any depth, but not by `import()`, types or from others. */
function eager(path: string, found = new Set<string>()): Set<string> {
  if (!found.has(path)) {
    found.add(path);
    const text = readFileSync(path, 'utf8');
    for (const [, name] of text.matchAll(/^(?:import|export)\s+(?!type\s)[^;]*?from\s+'(\.[^']+)';/gm)) {
      const file = ['.ts', '.tsx'].map(end => join(path, '..', name + end)).find(existsSync);
      if (file !== undefined) {
        eager(file, found);
      }
    }
  }
  return found;
}

it('loads at most 50 kB with JupyterLab, while no notebook is open', () => {
  const modules = [...eager(join(__dirname, 'index.ts'))].map(path => path.slice(__dirname.length + 1));
  expect(modules.filter(path => /\.tsx$/.test(path))).toEqual([]);
  const files = existsSync(BUILT) ? readdirSync(BUILT) : [];
  expect(files.length, 'build the front end first: make front').toBeGreaterThan(0);
  // the entry, the chunk that holds index.ts, and what it imports: all chunks but those of views and of their libraries
  const remote = files.filter(file => file.startsWith('remoteEntry.'));
  const chunk = files.filter(file => file.endsWith('.js') && readFileSync(join(BUILT, file), 'utf8').includes('steppe-lab:pipelines'));
  expect([remote.length, chunk.length > 0]).toEqual([1, true]);
  const size = [...new Set([...remote, ...chunk])].reduce((sum, file) => sum + readFileSync(join(BUILT, file)).length, 0);
  expect(size).toBeLessThan(MOST);
});
