/** Where a file that a step has read is among Jupyter's files: it is named from the project's root, which Jupyter does not know. */
import type { Contents } from '@jupyterlab/services';

/** Return where a file or folder is, and which it is, or null: the project's root is the notebook's folder, or one above it. */
export async function placeOf(name: string, notebook: string, contents: Contents.IManager): Promise<{ path: string; folder: boolean } | null> {
  const [drive, local] = notebook.includes(':') ? notebook.split(':', 2) : ['', notebook];
  const folders = local.split('/').slice(0, -1);
  for (let depth = 0; depth <= folders.length && !name.startsWith('/'); depth++) {
    const path = (drive ? `${drive}:` : '') + [...folders.slice(0, depth), name].join('/');
    try {
      const { type } = await contents.get(path, { content: false });
      return { path, folder: type === 'directory' };
    } catch {
      // not there: perhaps below the next folder
    }
  }
  return null;
}
