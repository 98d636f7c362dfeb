/** Why there is no answer, in the few words for which a badge has room. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Reason } from './client';

export function briefly(reason: Reason, trans: TranslationBundle): string {
  switch (reason) {
    case 'absent':
      return trans.__('Steppe’s server extension is not running');
    case 'unanswered':
      return trans.__('the server does not answer');
    default:
      return trans.__('the server could not plan it');
  }
}
