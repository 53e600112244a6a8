import { flag, int, keysOf, list, optionalFlag, struct, text, unlessEmpty } from './decode.ts';
import { stringMap, strings } from './kinds.ts';

/* The order of the keys is the order they are printed in. */

const ipam = struct([
  ['driver', text],
  [
    'config',
    list(
      struct([
        ['subnet', text],
        ['gateway', text],
        ['ip_range', text],
        ['aux_addresses', stringMap],
      ]),
    ),
  ],
]);

const networkFields = [
  ['name', text],
  ['driver', text],
  ['driver_opts', stringMap],
  ['ipam', unlessEmpty(ipam)],
  ['external', flag],
  ['internal', flag],
  ['attachable', flag],
  ['labels', stringMap],
  ['enable_ipv4', optionalFlag],
  ['enable_ipv6', optionalFlag],
] as const;

export const networkShape = struct(networkFields);
export const NETWORK_KEYS = keysOf(networkFields);

export const volumeShape = struct([
  ['name', text],
  ['driver', text],
  ['driver_opts', stringMap],
  ['external', flag],
  ['labels', stringMap],
]);

export const fileObjectShape = struct([
  ['name', text],
  ['file', text],
  ['environment', text],
  ['content', text],
  ['external', flag],
  ['labels', stringMap],
  ['driver', text],
  ['driver_opts', stringMap],
  ['template_driver', text],
]);

export const modelShape = struct([
  ['name', text],
  ['model', text],
  ['context_size', int],
  ['runtime_flags', strings],
]);
