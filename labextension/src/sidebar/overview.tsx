/** The lines of a large graph, all of it from afar, and the map: paintings that follow each frame without React drawing anything. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { useReactFlow, useStoreApi } from '@xyflow/react';
import React from 'react';

import type { Box } from './layout';
import { outline, Picture, View, paint } from './picture';

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

/** What flows in a large graph, and the nodes without words: from afar alone, near until React has drawn them over it. */
export function Overview({ picture }: { picture: Picture }): JSX.Element {
  const canvas = React.useRef<HTMLCanvasElement>(null);
  useMoves(React.useCallback(view => canvas.current && paint(canvas.current, picture, view, { lines: true }), [picture]));
  return <canvas className="steppe-Overview" ref={canvas} aria-hidden="true" />;
}

const SIZE = { width: 110, height: 80 };

/** All of the graph, small, with a frame around what is in view; a click or a drag goes there, the wheel zooms. */
export function Map({ picture, trans }: { picture: Picture; trans: TranslationBundle }): JSX.Element {
  const canvas = React.useRef<HTMLCanvasElement>(null);
  const frame = React.useRef<HTMLCanvasElement>(null);
  const flow = useReactFlow();
  const view = React.useMemo(() => fitted(picture.bounds), [picture]);
  React.useLayoutEffect(() => {
    if (canvas.current !== null) {
      paint(canvas.current, picture, view, { lines: false });
    }
  }, [picture, view]);
  useMoves(
    React.useCallback(
      ([x, y, zoom], { width, height }) => {
        const [left, top, scale] = view;
        const box = { x: left - (x / zoom) * scale, y: top - (y / zoom) * scale, width: (width / zoom) * scale, height: (height / zoom) * scale };
        if (frame.current !== null) {
          outline(frame.current, box); // a size of a node of the page that changes would have the page laid out at each frame
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
      <canvas className="steppe-Map-view" ref={frame} style={SIZE} aria-hidden="true" />
    </div>
  );
}

function fitted({ x, y, width, height }: Box): View {
  const scale = Math.min((SIZE.width - 8) / Math.max(width, 1), (SIZE.height - 8) / Math.max(height, 1));
  return [(SIZE.width - width * scale) / 2 - x * scale, (SIZE.height - height * scale) / 2 - y * scale, scale];
}
