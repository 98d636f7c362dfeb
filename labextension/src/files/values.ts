/** What a person types for a parameter, as the value that it stands for. Pure. */

/** Return the JSON value of a Python literal, or the text itself where it is none. */
export function valueOf(text: string): unknown {
  const trimmed = text.trim();
  const words: Record<string, unknown> = { True: true, true: true, False: false, false: false, None: null, null: null };
  if (Object.hasOwn(words, trimmed)) {
    return words[trimmed];
  }
  if (/^[-+]?(\d[\d_]*)$/.test(trimmed) && Number.isSafeInteger(Number(trimmed.replace(/_/g, '')))) {
    return Number(trimmed.replace(/_/g, ''));
  }
  if (/^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(trimmed)) {
    return Number(trimmed);
  }
  const quoted = /^'([^'\\]*)'$/.exec(trimmed);
  if (quoted !== null) {
    return quoted[1];
  }
  if (/^["[{]/.test(trimmed)) {
    try {
      return JSON.parse(trimmed);
    } catch {
      // a text that begins so, or Python's own way to write it
    }
    try {
      return JSON.parse(trimmed.replace(/'/g, '"').replace(/\bTrue\b/g, 'true').replace(/\bFalse\b/g, 'false').replace(/\bNone\b/g, 'null'));
    } catch {
      // then it is a text
    }
  }
  return trimmed;
}
