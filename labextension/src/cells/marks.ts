/** Which cells are steps, by their text and metadata alone: as the kernel and `steppe run` see it. Knows no widget. */

/** What is looked at of a cell. */
export interface CellText {
  source: string;
  metadata: Record<string, unknown>;
}

/** Empty lines may stand above it, and the `#@title` with which Colab names a form. */
const LINE = /^((?:[ \t\r]*(?:#@[^\n]*)?\n|[ \t\r]+(?=%%))*)%%step(?:[ \t]+([^\n]*))?(?:\n|$)/;

/** What stands after `%%step` on the first line; null where a cell has no such line. */
export function stepLine(source: string): string | null {
  const found = LINE.exec(source);
  return found === null ? null : (found[2] ?? '').trim();
}

/** The cell without its `%%step` line. */
export function withoutLine(source: string): string {
  return source.replace(LINE, '$1');
}

/** The cell with this line, in place of the one that it has. */
export function withLine(source: string, line: string): string {
  const written = `%%step${line ? ` ${line}` : ''}\n`;
  const found = LINE.exec(source);
  return found === null ? written + source : found[1] + written + source.slice(found[0].length);
}

/** The name in a cell's tag `step:NAME`, an empty text for the tag `step`, null without either. */
export function taggedName(metadata: Record<string, unknown>): string | null {
  const tags = metadata['tags'];
  for (const tag of Array.isArray(tags) ? tags : []) {
    if (tag === 'step') {
      return '';
    }
    if (typeof tag === 'string' && tag.startsWith('step:')) {
      return tag.slice('step:'.length).trim();
    }
  }
  return null;
}

/** The options that a cell's metadata give. */
export function given(metadata: Record<string, unknown>): Record<string, unknown> | null {
  const found = metadata['steppe'];
  return found !== null && typeof found === 'object' && !Array.isArray(found) ? (found as Record<string, unknown>) : null;
}

/** Tell whether a cell is a step. */
export function isStep(cell: CellText): boolean {
  if (stepLine(cell.source) !== null) {
    return true;
  }
  const told = given(cell.metadata)?.['step'];
  return told !== false && (told === true || taggedName(cell.metadata) !== null);
}
