/** Names for new steps: what a cell binds first, as nobody else in the notebook is called. Pure. */
import { CellText, given, isStep, stepLine, taggedName } from './marks';

const WORD = '[\\p{L}_][\\p{L}\\p{N}_]*';
const BINDINGS = [
  new RegExp(`^\\s*(?:async\\s+)?def\\s+(${WORD})`, 'u'),
  new RegExp(`^\\s*class\\s+(${WORD})`, 'u'),
  new RegExp(`^\\s*\\(?\\*?\\s*(${WORD})(?:\\s*,\\s*\\*?${WORD})*\\s*,?\\)?\\s*(?::[^=]+)?(?:[-+*/%@&|^]|//|\\*\\*|<<|>>)?=(?!=)`, 'u'),
  new RegExp(`^\\s*(?:async\\s+)?for\\s+\\(?(${WORD})`, 'u'),
  new RegExp(`^\\s*(?:async\\s+)?with\\s.*\\bas\\s+\\(?(${WORD})`, 'u'),
  new RegExp(`^\\s*(?:from\\s.*)?import\\s.*\\bas\\s+(${WORD})`, 'u'),
  new RegExp(`^\\s*from\\s+\\S+\\s+import\\s+\\(?(${WORD})`, 'u'),
  new RegExp(`^\\s*import\\s+(${WORD})`, 'u')
];
const WALRUS = new RegExp(`(${WORD})\\s*:=`, 'u');
const STRINGS = /("""|''')[\s\S]*?\1|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|#[^\n]*/g;

/** The first name that a cell binds, or an empty text: a guess from its text, for a name that a person may change. */
export function firstBinding(source: string): string {
  let depth = 0;
  let walrus = '';
  for (const line of source.replace(STRINGS, text => (text.startsWith('#') ? '' : '""')).split('\n')) {
    if (depth === 0 && !/^\s*[%!]/.test(line)) {
      for (const binding of BINDINGS) {
        const found = binding.exec(line);
        if (found !== null) {
          return found[1];
        }
      }
    }
    walrus = walrus || (WALRUS.exec(line)?.[1] ?? '');
    for (const character of line) {
      depth = Math.max(0, depth + ('([{'.includes(character) ? 1 : ')]}'.includes(character) ? -1 : 0));
    }
  }
  return walrus;
}

/** The name that stands on a `%%step` line, or an empty text. */
export function lineName(line: string): string {
  const found = /^(?:'([^']*)'|"([^"]*)"|([^\s'"]\S*))/.exec(line);
  const word = found?.[1] ?? found?.[2] ?? found?.[3] ?? '';
  return found?.[3] !== undefined && /^[\p{L}_][\p{L}\p{N}_-]*=/u.test(word) ? '' : word;
}

/** The names of all steps among these cells, as they are written. */
export function namesOf(cells: Iterable<CellText>): Set<string> {
  const names = new Set<string>();
  for (const cell of cells) {
    if (isStep(cell)) {
      const line = stepLine(cell.source);
      const told = given(cell.metadata)?.['name'];
      const name = (line && lineName(line)) || (typeof told === 'string' && told) || taggedName(cell.metadata);
      if (name) {
        names.add(name);
      }
    }
  }
  return names;
}

/** A name for a cell that becomes a step. */
export function newName(source: string, taken: ReadonlySet<string>): string {
  const wanted = firstBinding(source).replace(/^_+/, '') || 'step';
  for (let number = 1; ; number++) {
    const name = number === 1 ? wanted : `${wanted}_${number}`;
    if (!taken.has(name)) {
      return name;
    }
  }
}
