/** A series of numbers as a small plot, drawn by uPlot; the numbers themselves are told to screen readers. */
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import uPlot from 'uplot';

import 'uplot/dist/uPlot.min.css';

import type { Measurement } from '../api/types';

export function Plot({ name, points, trans }: { name: string; points: Measurement[]; trans: TranslationBundle }): JSX.Element {
  const place = React.useRef<HTMLDivElement>(null);
  const last = points.at(-1)?.value ?? null;
  React.useEffect(() => {
    const node = place.current;
    if (node === null || points.length < 2) {
      return;
    }
    const style = getComputedStyle(node);
    const colour = (variable: string): string => style.getPropertyValue(variable).trim();
    const axis = { stroke: colour('--jp-ui-font-color2'), grid: { stroke: colour('--jp-border-color2'), width: 1 }, ticks: { show: false }, font: `11px ${colour('--jp-ui-font-family')}` };
    const xs = points.map((point, index) => point.step ?? index);
    const made = new uPlot(
      {
        width: Math.max(180, node.clientWidth),
        height: 110,
        legend: { show: false },
        cursor: { drag: { x: false, y: false } },
        scales: { x: { time: false } },
        axes: [{ ...axis, size: 24 }, { ...axis, size: 44 }],
        series: [{}, { stroke: colour('--jp-brand-color1'), width: 1.5, points: { show: points.length < 30, size: 4 } }]
      },
      [xs, points.map(point => point.value)] as uPlot.AlignedData,
      node
    );
    const resized = new ResizeObserver(() => node.clientWidth > 0 && made.setSize({ width: Math.max(180, node.clientWidth), height: 110 }));
    resized.observe(node);
    return () => {
      resized.disconnect();
      made.destroy();
    };
  }, [points]);
  const said = last === null ? trans.__('no number') : Number(last.toPrecision(5)).toString();
  return (
    <figure className="steppe-Plot" aria-label={trans.__('%1: %2 measurements, the last %3', name, points.length, said)}>
      <figcaption>
        {name} <b>{said}</b>
      </figcaption>
      <div ref={place} aria-hidden="true" />
    </figure>
  );
}
