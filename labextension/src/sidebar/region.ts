/** Which part of a large graph is drawn: what was in view when it last stood still, and a little around it. */
import { useStoreApi } from '@xyflow/react';
import React from 'react';

import type { Box } from './layout';
import type { View } from './picture';

/** How much of the view is drawn beyond each of its sides. */
const AROUND = 0.2;

/** Milliseconds after a move until what it brought into view is drawn, while the graph still moves and once it stands; painted at once. */
const MOVING = 300;
const STILL = 80;

export interface Region extends Box {
  /** How enlarged the graph was. */
  zoom: number;
}

/** Return the part of the graph to draw: React Flow's own choice would draw and forget nodes with each frame of a move. */
export function useRegion(): Region {
  const store = useStoreApi();
  const [region, setRegion] = React.useState<Region>(() => regionOf(store.getState()));
  React.useEffect(() => {
    let since = 0;
    const look = (): void => {
      since = 0;
      setRegion(regionOf(store.getState()));
    };
    let timer = setTimeout(look);
    const end = store.subscribe((now, before) => {
      if (now.transform !== before.transform || now.width !== before.width || now.height !== before.height) {
        clearTimeout(timer);
        since = since || performance.now();
        timer = setTimeout(look, Math.min(STILL, Math.max(0, since + MOVING - performance.now())));
      }
    });
    return () => {
      end();
      clearTimeout(timer);
    };
  }, [store]);
  return region;
}

/** Return what is in view, and a little around it, in the graph's own measure. */
export function regionOf({ transform: [x, y, zoom], width, height }: { transform: View; width: number; height: number }): Region {
  const [wide, high] = [width / zoom, height / zoom];
  return { x: -x / zoom - AROUND * wide, y: -y / zoom - AROUND * high, width: (1 + 2 * AROUND) * wide, height: (1 + 2 * AROUND) * high, zoom };
}

/** Return whether two boxes have a point in common. */
export function meet(one: Box, other: Box): boolean {
  return one.x <= other.x + other.width && other.x <= one.x + one.width && one.y <= other.y + other.height && other.y <= one.y + one.height;
}
