/** Draws the side bar and the comparison into a node. Everything heavy hangs on this module. */
import React from 'react';
import { createRoot } from 'react-dom/client';

import { CompareProps, CompareView } from './compare';
import type { Drawn } from './lazy';
import { View, ViewProps } from './view';

export function drawSidebar(node: HTMLElement, props: ViewProps): Drawn {
  const root = createRoot(node);
  root.render(<View {...props} />);
  return root;
}

export function drawComparison(node: HTMLElement, props: CompareProps): Drawn {
  const root = createRoot(node);
  root.render(<CompareView {...props} />);
  return root;
}
