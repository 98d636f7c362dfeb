/** What becomes of a cell that is made a step, or no step any more: its text and metadata. Pure. */
import { CellText, given, isStep, stepLine, taggedName, withLine, withoutLine } from './marks';
import { newName } from './naming';

/** Where a cell that is no step keeps the line that it had, so that its options come back with it. */
export const KEPT = 'steppe_line';

/** Return the cell as it is after the button was pressed. */
export function toggled(cell: CellText, taken: ReadonlySet<string>): CellText {
  return isStep(cell) ? takenOff(cell) : putOn(cell, taken);
}

function putOn(cell: CellText, taken: ReadonlySet<string>): CellText {
  const { [KEPT]: kept, ...metadata } = cell.metadata;
  const told = given(metadata);
  if (told !== null && told['step'] === false && kept === undefined) {
    const { step: _, name, ...options } = told;
    const tags = Array.isArray(metadata['tags']) ? metadata['tags'] : [];
    const tag = typeof name === 'string' && name ? `step:${name}` : 'step';
    const { steppe: __, ...rest } = metadata;
    const more = Object.keys(options).length ? { steppe: options } : {};
    return { source: cell.source, metadata: { ...rest, ...more, tags: [...tags, tag] } };
  }
  const line = typeof kept === 'string' ? kept : newName(cell.source, taken);
  return { source: withLine(cell.source, line), metadata };
}

function takenOff(cell: CellText): CellText {
  const line = stepLine(cell.source);
  const name = taggedName(cell.metadata);
  const metadata: Record<string, unknown> = { ...cell.metadata };
  if (name !== null) {
    const tags = (metadata['tags'] as unknown[]).filter(tag => tag !== 'step' && !String(tag).startsWith('step:'));
    metadata['tags'] = tags;
    if (!tags.length) {
      delete metadata['tags'];
    }
  }
  if (line !== null) {
    metadata[KEPT] = line;
  }
  const told = given(metadata);
  if (told !== null || line === null) {
    metadata['steppe'] = { ...told, ...(name ? { name } : {}), step: false };
  }
  return { source: withoutLine(cell.source), metadata };
}
