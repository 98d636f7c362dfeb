/** Numbers and sizes as people read them. Pure. */

/** Return a value in a dozen characters. */
export function shortly(value: unknown): string {
  if (typeof value === 'number' && !Number.isInteger(value)) {
    const size = Math.abs(value);
    return size !== 0 && (size < 0.001 || size >= 1e6) ? value.toExponential(2) : String(Number(value.toPrecision(4)));
  }
  if (typeof value === 'number') {
    return Math.abs(value) >= 1e9 ? value.toExponential(2) : value.toLocaleString('en-US');
  }
  const text = String(value);
  return text.length > 16 ? `${text.slice(0, 15)}…` : text;
}

/** Return a preview without the type that it begins with. */
export function told(preview: string, type: string): string {
  return preview.startsWith(type) ? preview.slice(type.length).trim() : preview;
}

/** Return a cell's value so that it fits: a number with eight digits that count. */
export function fitting(value: string | number | boolean | null): string {
  if (value === null) {
    return '—';
  }
  return typeof value === 'number' && !Number.isInteger(value) ? String(Number(value.toPrecision(8))) : String(value);
}

/** Return bytes as people write them. */
export function bytes(count: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let at = 0;
  let value = count;
  while (value >= 1024 && at < units.length - 1) {
    value /= 1024;
    at += 1;
  }
  return `${at === 0 ? value : value.toPrecision(3)} ${units[at]}`;
}

/** Return the type of a bundle that shows most; null where there is none. What can run a script comes last. */
export function best(types: string[], known: (type: string) => boolean): string | null {
  const order = ['application/vnd.plotly.v1+json', 'image/svg+xml', 'image/png', 'image/jpeg', 'text/latex', 'text/markdown', 'text/html'];
  const first = order.find(type => types.includes(type) && (type !== order[0] || known(type)));
  return first ?? (types.includes('text/plain') ? 'text/plain' : null);
}
