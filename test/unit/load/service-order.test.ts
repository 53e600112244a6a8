import { expect, test } from 'bun:test';
import { inServiceOrder } from '../../../src/load/output/in-service-order.ts';

test('keys that come later in loading are printed at their place, extensions last', () => {
  const service = { image: 'i', volumes: [], 'x-own': 1, environment: {}, command: null, build: {} };
  expect(Object.keys(inServiceOrder(service))).toEqual(['build', 'command', 'environment', 'image', 'volumes', 'x-own']);
});
