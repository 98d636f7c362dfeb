/** A series of numbers as a small plot, drawn by uPlot; the numbers themselves are told to screen readers. */
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import uPlot from 'uplot';

import 'uplot/dist/uPlot.min.css';

import type { Measurement } from '../api/types';
import { useTheme } from './theme';

interface PlotProps {
  name: string;
  points: Measurement[];
  /** A level to draw beside it: what was asked for. */
  limit?: number | null;
  /** How a number is said; its digits, where nothing else is given. */
  say?: (value: number) => string;
  trans: TranslationBundle;
}

const digits = (value: number): string => Number(value.toPrecision(5)).toString();

export function Plot({ name, points, limit = null, say, trans }: PlotProps): JSX.Element {
  const place = React.useRef<HTMLDivElement>(null);
  const theme = useTheme();
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
        axes: [{ ...axis, size: 24 }, { ...axis, size: say ? 60 : 44, ...(say ? { values: (_: uPlot, ticks: number[]) => ticks.map(say) } : {}) }],
        series: [
          {},
          {
            stroke: colour('--jp-brand-color1'),
            width: 1.5,
            points: { show: points.length < 30, size: 4 }
          },
          ...(limit === null ? [] : [{ stroke: colour('--jp-warn-color1'), width: 1, dash: [4, 3], points: { show: false } }])
        ]
      },
      [xs, points.map(point => point.value), ...(limit === null ? [] : [points.map(() => limit)])] as uPlot.AlignedData,
      node
    );
    const resized = new ResizeObserver(() => node.clientWidth > 0 && made.setSize({ width: Math.max(180, node.clientWidth), height: 110 }));
    resized.observe(node);
    return () => {
      resized.disconnect();
      made.destroy();
    };
  }, [points, limit, theme]);
  const said = last === null ? trans.__('no number') : (say ?? digits)(last);
  return (
    <figure className="steppe-Plot" aria-label={trans.__('%1: %2 measurements, the last %3', name, points.length, said)}>
      <figcaption>
        {name} <b>{said}</b>
        {limit !== null && <span className="steppe-Plot-limit">{trans.__('asked for %1', (say ?? digits)(limit))}</span>}
      </figcaption>
      <div ref={place} aria-hidden="true" />
    </figure>
  );
}
