/** Draws the side bar and the comparison into a node. Everything heavy hangs on this module. */
import React from 'react';
import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';

import { CompareProps, CompareView } from './compare';
import type { Drawn } from './lazy';
import { View, ViewProps } from './view';

export function drawSidebar(node: HTMLElement, props: ViewProps): Drawn {
  const root = createRoot(node);
  flushSync(() => root.render(<View {...props} />)); // who opens it wants to have the keyboard in it
  return root;
}

export function drawComparison(node: HTMLElement, props: CompareProps): Drawn {
  const root = createRoot(node);
  root.render(<CompareView {...props} />);
  return root;
}
