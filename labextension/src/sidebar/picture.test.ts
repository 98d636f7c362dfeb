import type { Node } from '@xyflow/react';
import { expect, test } from 'vitest';

import type { Kind } from '../cells/words';
import type { Drawn } from './nodes';
import { pictureOf } from './picture';

const node = (kind: Kind, dimmed = false): Node<Drawn> => ({
  id: kind,
  position: { x: 0, y: 100 },
  width: 200,
  height: 40,
  data: { words: { kind }, dimmed } as unknown as Drawn
});

test('the kinds of staleness have one colour from afar, and differ in shape', () => {
  const picture = pictureOf([node('stale-code'), node('stale-data'), node('stale-environment'), node('hit')], []);
  expect([...picture.boxes].map(([, boxes]) => boxes.length)).toEqual([3, 1]);
  expect(picture.blanks).toEqual([
    { x: 0, y: 120, width: 200, height: 20 },
    { x: 40, y: 108, width: 120, height: 24 }
  ]);
});

test('what a search leaves out is painted whole', () => {
  expect(pictureOf([node('stale-data', true)], []).blanks).toEqual([]);
});
