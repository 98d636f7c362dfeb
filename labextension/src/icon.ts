/** Steppe's icons: three steps; to run them; and the graph that they make. */
import { LabIcon } from '@jupyterlab/ui-components';

const drawn = (paths: string): string => `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" width="16">${paths}</svg>`;

const STEPS = 'M1.5 11h4V7.5h4V4h5v2.2h-2.8v3.5h-4v3.5H1.5z';

export const stepIcon = new LabIcon({
  name: 'steppe:step',
  svgstr: drawn(`<path class="jp-icon3" fill="#616161" d="${STEPS}"/>`)
});

export const runIcon = new LabIcon({
  name: 'steppe:run',
  svgstr: drawn('<path class="jp-icon3" fill="#616161" d="M1 13.2h3.6v-3h3.6v-3h2.3V5H6v3H2.4v3H1zM10.2 8.6v6.6l5-3.3z"/>')
});

export const graphIcon = new LabIcon({
  name: 'steppe:graph',
  svgstr: drawn(
    '<path class="jp-icon3" fill="#616161" d="M5.5 1.5h5v3.6H8.7v1.3h4.1v3h1.7V13h-5V9.4h1.7V8H4.8v1.4h1.7V13h-5V9.4h1.7v-3h3.9V5.1H5.5z"/>'
  )
});
