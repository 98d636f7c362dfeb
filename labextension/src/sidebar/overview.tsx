/** The lines of a large graph, all of it from afar, and the map: paintings that follow each frame without React drawing anything. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { useReactFlow, useStoreApi } from '@xyflow/react';
import React from 'react';

import type { Box } from './layout';
import { Picture, View, paint } from './picture';

/** Call something now, and with the frame after each move. */
function useMoves(moved: (view: View, size: { width: number; height: number }) => void): void {
  const store = useStoreApi();
  React.useLayoutEffect(() => {
    let asked = 0;
    const tell = (): void => {
      const { transform, width, height } = store.getState();
      moved(transform, { width, height });
    };
    tell();
    const end = store.subscribe((now, before) => {
      const same = now.transform === before.transform && now.width === before.width && now.height === before.height;
      asked = asked || same ? asked : requestAnimationFrame(() => {
        asked = 0;
        tell();
      });
    });
    return () => {
      end();
      cancelAnimationFrame(asked);
    };
  }, [store, moved]);
}

/** What flows in a large graph, and from afar the nodes, without words. */
export function Overview({ picture, boxes }: { picture: Picture; boxes: boolean }): JSX.Element {
  const canvas = React.useRef<HTMLCanvasElement>(null);
  useMoves(React.useCallback(view => canvas.current && paint(canvas.current, picture, view, { lines: true, boxes }), [picture, boxes]));
  return <canvas className="steppe-Overview" ref={canvas} aria-hidden="true" />;
}

const SIZE = { width: 110, height: 80 };

/** All of the graph, small, with a frame around what is in view; a click or a drag goes there, the wheel zooms. */
export function Map({ picture, trans }: { picture: Picture; trans: TranslationBundle }): JSX.Element {
  const canvas = React.useRef<HTMLCanvasElement>(null);
  const frame = React.useRef<HTMLDivElement>(null);
  const flow = useReactFlow();
  const view = React.useMemo(() => fitted(picture.bounds), [picture]);
  React.useLayoutEffect(() => {
    if (canvas.current !== null) {
      paint(canvas.current, picture, view, { lines: false, boxes: true });
    }
  }, [picture, view]);
  useMoves(
    React.useCallback(
      ([x, y, zoom], { width, height }) => {
        const [left, top, scale] = view;
        const style = frame.current?.style;
        if (style !== undefined) {
          style.transform = `translate(${left - (x / zoom) * scale}px, ${top - (y / zoom) * scale}px)`;
          style.width = `${(width / zoom) * scale}px`;
          style.height = `${(height / zoom) * scale}px`;
        }
      },
      [view]
    )
  );
  const go = (event: React.PointerEvent<HTMLDivElement>): void => {
    if (event.buttons & 1) {
      const { left, top } = event.currentTarget.getBoundingClientRect();
      const [x, y, scale] = view;
      void flow.setCenter((event.clientX - left - x) / scale, (event.clientY - top - y) / scale, { zoom: flow.getZoom() });
    }
  };
  return (
    <div
      className="steppe-Map"
      role="img"
      aria-label={trans.__('Map of the pipeline')}
      style={SIZE}
      onPointerDown={event => {
        event.currentTarget.setPointerCapture(event.pointerId);
        go(event);
      }}
      onPointerMove={go}
      onWheel={event => void (event.deltaY < 0 ? flow.zoomIn() : flow.zoomOut())}
    >
      <canvas ref={canvas} style={SIZE} aria-hidden="true" />
      <div className="steppe-Map-view" ref={frame} />
    </div>
  );
}

function fitted({ x, y, width, height }: Box): View {
  const scale = Math.min((SIZE.width - 8) / Math.max(width, 1), (SIZE.height - 8) / Math.max(height, 1));
  return [(SIZE.width - width * scale) / 2 - x * scale, (SIZE.height - height * scale) / 2 - y * scale, scale];
}
