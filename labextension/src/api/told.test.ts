import type { TranslationBundle } from '@jupyterlab/translation';
import { expect, it } from 'vitest';

import { ENDED } from '../pipeline/model';
import { told } from './told';

const shouting = { __: (text: string) => text.toUpperCase() } as TranslationBundle;

it('has every state in the reader’s language, and leaves words alone that it does not know', () => {
  const states = [...ENDED, 'pending', 'queued', 'running', 'retrying'];
  expect(states.map(state => told(state, shouting))).toEqual(states.map(state => state.toUpperCase()));
  expect(told('somewhere', shouting)).toBe('somewhere');
});
