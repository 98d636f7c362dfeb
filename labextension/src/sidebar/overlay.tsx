/** A number that two runs have logged, in one plot: A is drawn through, B is dashed. */
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import uPlot from 'uplot';

import 'uplot/dist/uPlot.min.css';

import type { Measurement } from '../api/types';
import { useTheme } from './theme';

interface OverlayProps {
  name: string;
  a: Measurement[];
  b: Measurement[];
  trans: TranslationBundle;
}

const HEIGHT = 140;
const digits = (points: Measurement[]): string => {
  const last = points.at(-1)?.value ?? null;
  return last === null ? '–' : Number(last.toPrecision(5)).toString();
};

/** Return both series over one axis: where a run has no number at a place, there is none. */
export function joined(a: Measurement[], b: Measurement[]): uPlot.AlignedData {
  const table = (points: Measurement[]): uPlot.AlignedData => {
    const at = new Map(points.map((point, index) => [point.step ?? index, point.value]));
    const places = [...at.keys()].sort((one, other) => one - other);
    return [places, places.map(place => at.get(place) ?? null)];
  };
  return uPlot.join([table(a), table(b)]);
}

export function Overlay({ name, a, b, trans }: OverlayProps): JSX.Element {
  const place = React.useRef<HTMLDivElement>(null);
  const theme = useTheme();
  React.useEffect(() => {
    const node = place.current;
    if (node === null) {
      return;
    }
    const style = getComputedStyle(node);
    const colour = (variable: string): string => style.getPropertyValue(variable).trim();
    const axis = { stroke: colour('--jp-ui-font-color2'), grid: { stroke: colour('--jp-border-color2'), width: 1 }, ticks: { show: false }, font: `11px ${colour('--jp-ui-font-family')}` };
    const points = { show: Math.max(a.length, b.length) < 30, size: 5 };
    const width = (): number => Math.max(180, node.clientWidth);
    const made = new uPlot(
      {
        width: width(),
        height: HEIGHT,
        legend: { show: false },
        cursor: { drag: { x: false, y: false } },
        scales: { x: { time: false } },
        axes: [{ ...axis, size: 24 }, { ...axis, size: 52 }],
        series: [
          {},
          { stroke: colour('--jp-brand-color1'), width: 1.8, points, spanGaps: true },
          { stroke: colour('--jp-warn-color0'), width: 1.8, dash: [6, 4], points, spanGaps: true }
        ]
      },
      joined(a, b),
      node
    );
    const resized = new ResizeObserver(() => node.clientWidth > 0 && made.setSize({ width: width(), height: HEIGHT }));
    resized.observe(node);
    return () => {
      resized.disconnect();
      made.destroy();
    };
  }, [a, b, theme]);
  return (
    <figure className="steppe-Plot" aria-label={trans.__('%1: %2 measurements in A, the last %3; %4 in B, the last %5', name, a.length, digits(a), b.length, digits(b))}>
      <figcaption>
        {name} <span className="steppe-Plot-a">A</span> <b>{digits(a)}</b> <span className="steppe-Plot-b">B</span> <b>{digits(b)}</b>
      </figcaption>
      <div ref={place} aria-hidden="true" />
    </figure>
  );
}
