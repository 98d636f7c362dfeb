/** A shape for each kind of badge, so that no colour has to be told from another. */
import type { Kind } from './words';

const drawn = (paths: string): string =>
  `<svg viewBox="0 0 16 16" width="12" height="12" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" focusable="false">${paths}</svg>`;

const CIRCLE = '<circle cx="8" cy="8" r="6.2"/>';

export const icons: Record<Kind, string> = {
  hit: drawn('<path d="M9.2 1.5 3.5 9h4l-.7 5.5L12.5 7h-4z" fill="currentColor"/>'),
  'would-hit': drawn('<path d="M9.2 1.5 3.5 9h4l-.7 5.5L12.5 7h-4z"/>'),
  succeeded: drawn('<path d="m2.5 8.5 3.7 3.7 7.3-8"/>'),
  running: drawn('<circle cx="8" cy="8" r="6" opacity=".3"/><path d="M8 2a6 6 0 0 1 6 6"/>'),
  queued: drawn('<path d="M4 2h8M4 14h8M5 2c0 4 6 4 6 6s-6 2-6 6M11 2c0 4-6 4-6 6s6 2 6 6"/>'),
  'stale-code': drawn('<path d="M2.5 13.5 3.3 10l7.4-7.4 2.7 2.7L6 12.7z"/>'),
  'stale-data': drawn('<ellipse cx="8" cy="3.8" rx="5.5" ry="2.2"/><path d="M2.5 3.8v8.4c0 1.2 2.5 2.2 5.5 2.2s5.5-1 5.5-2.2V3.8M2.5 8c0 1.2 2.5 2.2 5.5 2.2s5.5-1 5.5-2.2"/>'),
  'stale-environment': drawn('<path d="m8 1.5 6 3v7l-6 3-6-3v-7zM2 4.5l6 3 6-3M8 7.5v7"/>'),
  stale: drawn('<path d="M13.5 8A5.5 5.5 0 1 1 11.6 3.8M13.6 1.6v3.2h-3.2"/>'),
  never: drawn('<circle cx="8" cy="8" r="6.2" stroke-dasharray="2.4 2.4"/>'),
  failed: drawn('<path d="m3.5 3.5 9 9m0-9-9 9"/>'),
  cancelled: drawn(`${CIRCLE}<path d="m3.8 3.8 8.4 8.4"/>`),
  setup: drawn('<circle cx="8" cy="8" r="2.2"/><path d="M8 1.5v2.3m0 8.4v2.3M1.5 8h2.3m8.4 0h2.3M3.4 3.4 5 5m6 6 1.6 1.6m0-9.2L11 5m-6 6-1.6 1.6"/>'),
  problem: drawn('<path d="M8 1.8 15 14H1zM8 6.2v3.6M8 12v.1"/>'),
  unknown: drawn(`${CIRCLE}<path d="M6 6.3c.2-2.5 4-2.2 4 0 0 1.4-2 1.5-2 3M8 11.6v.1"/>`)
};
