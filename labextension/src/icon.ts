/** Steppe's icon: three steps. */
import { LabIcon } from '@jupyterlab/ui-components';

export const stepIcon = new LabIcon({
  name: 'steppe:step',
  svgstr:
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" width="16"><path class="jp-icon3" fill="#616161" d="M1.5 11h4V7.5h4V4h5v2.2h-2.8v3.5h-4v3.5H1.5z"/></svg>'
});
