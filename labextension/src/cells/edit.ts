/** Changes a cell's text and metadata as one thing that undo takes back at once. */
import type { Cell } from '@jupyterlab/cells';

import type { CellText } from './marks';

interface Undoing {
  stopCapturing(): void;
}

/** Return a cell's text and metadata. */
export function textOf(cell: Cell): CellText {
  return { source: cell.model.sharedModel.getSource(), metadata: { ...cell.model.metadata } };
}

/** Give a cell another text and metadata, changing no more of the text than its beginning where only that differs. */
export function rewrite(cell: Cell, to: CellText): void {
  const shared = cell.model.sharedModel;
  const undoing = (shared as unknown as { undoManager?: Undoing | null }).undoManager;
  undoing?.stopCapturing();
  shared.transact(() => {
    const source = shared.getSource();
    if (source !== to.source) {
      const same = commonEnd(source, to.source);
      const updating = shared as unknown as { updateSource?: (start: number, end: number, text: string) => void };
      if (updating.updateSource !== undefined) {
        updating.updateSource(0, source.length - same, to.source.slice(0, to.source.length - same));
      } else {
        shared.setSource(to.source);
      }
    }
    const before = cell.model.metadata as Record<string, unknown>;
    for (const name of new Set([...Object.keys(before), ...Object.keys(to.metadata)])) {
      if (!(name in to.metadata)) {
        cell.model.deleteMetadata(name);
      } else if (JSON.stringify(before[name]) !== JSON.stringify(to.metadata[name])) {
        cell.model.setMetadata(name, to.metadata[name]);
      }
    }
  });
  undoing?.stopCapturing();
}

function commonEnd(one: string, other: string): number {
  const most = Math.min(one.length, other.length);
  let count = 0;
  while (count < most && one[one.length - 1 - count] === other[other.length - 1 - count]) {
    count++;
  }
  return count;
}
