/** Which rows are in view. Browsers draw nothing taller than some ten million pixels, and tables may be longer. Pure. */

/** Pixels that are always drawn exactly. */
export const TALLEST = 6_000_000;

export interface Extent {
  /** Rows in all. */
  total: number;
  /** Pixels of a row. */
  row: number;
  /** Pixels in which rows are seen. */
  view: number;
}

/** Return the height of what is scrolled through. */
export function spaceOf(extent: Extent): number {
  return Math.min(extent.total * extent.row, TALLEST);
}

/** Return how many rows are seen whole. */
export function rowsSeen(extent: Extent): number {
  return Math.max(1, Math.floor(extent.view / extent.row));
}

/** Return the last row that may be at the top. */
export function lastFirst(extent: Extent): number {
  return Math.max(0, extent.total - rowsSeen(extent));
}

/** Return the row at the top, when the scroll bar is at `top`. */
export function firstRow(top: number, extent: Extent): number {
  const way = Math.max(0, spaceOf(extent) - extent.view);
  if (way === 0) {
    return 0;
  }
  return Math.min(lastFirst(extent), Math.round((top / way) * lastFirst(extent)));
}

/** Return where the scroll bar is, when `first` is the row at the top. */
export function scrollTop(first: number, extent: Extent): number {
  const last = lastFirst(extent);
  const way = Math.max(0, spaceOf(extent) - extent.view);
  return last === 0 ? 0 : (Math.min(first, last) / last) * way;
}

export interface Cursor {
  row: number;
  column: number;
}

/** Return where a key leads; null where it is none of the grid's. Row -1 is the header. */
export function moved(cursor: Cursor, key: string, control: boolean, extent: Extent, columns: number): Cursor | null {
  const { row, column } = cursor;
  const last = extent.total - 1;
  const page = rowsSeen(extent);
  const to = (toRow: number, toColumn: number): Cursor => ({
    row: Math.max(-1, Math.min(last, toRow)),
    column: Math.max(0, Math.min(columns - 1, toColumn))
  });
  switch (key) {
    case 'ArrowDown':
      return to(row + 1, column);
    case 'ArrowUp':
      return to(row - 1, column);
    case 'ArrowLeft':
      return to(row, column - 1);
    case 'ArrowRight':
      return to(row, column + 1);
    case 'PageDown':
      return to(row + page, column);
    case 'PageUp':
      return to(Math.max(0, row - page), column);
    case 'Home':
      return control ? to(0, 0) : to(row, 0);
    case 'End':
      return control ? to(last, columns - 1) : to(row, columns - 1);
    default:
      return null;
  }
}
