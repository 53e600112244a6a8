import { expect, test } from 'bun:test';
import { inOrder } from '../../../src/load/output/in-order.ts';

test('keys that come later in loading are printed at their place, extensions last', () => {
  const service = { image: 'i', volumes: [], 'x-own': 1, environment: {}, command: null, build: {} };
  const keys = ['build', 'command', 'environment', 'image', 'volumes'];
  expect(Object.keys(inOrder(keys, service))).toEqual([...keys, 'x-own']);
});
