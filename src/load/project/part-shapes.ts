import {
  duration,
  durationUnlessZero,
  flag,
  float,
  int,
  list,
  mapOf,
  optional,
  optionalInt,
  size,
  struct,
  text,
  unlessEmpty,
  unsigned,
} from './decode.ts';
import { command, deviceCount, environment, extraHosts, fileMode, sshKeys, stringMap, strings, ulimit } from './kinds.ts';

/* The order of the keys is the order they are printed in. */

export const fileReference = struct([
  ['source', text],
  ['target', text],
  ['uid', text],
  ['gid', text],
  ['mode', fileMode],
]);

export const build = struct([
  ['context', text],
  ['dockerfile', text],
  ['dockerfile_inline', text],
  ['entitlements', strings],
  ['args', environment],
  ['provenance', text],
  ['sbom', text],
  ['ssh', sshKeys],
  ['labels', stringMap],
  ['cache_from', strings],
  ['cache_to', strings],
  ['no_cache', flag],
  ['additional_contexts', stringMap],
  ['pull', flag],
  ['extra_hosts', extraHosts],
  ['isolation', text],
  ['network', text],
  ['target', text],
  ['secrets', list(fileReference)],
  ['shm_size', size],
  ['tags', strings],
  ['ulimits', mapOf(ulimit)],
  ['platforms', strings],
  ['privileged', flag],
]);

export const hook = struct([
  ['command', command],
  ['user', text],
  ['privileged', flag],
  ['working_dir', text],
  ['environment', environment],
]);

export const develop = struct([
  [
    'watch',
    list(
      struct([
        ['path', text],
        ['action', text],
        ['target', text],
        ['exec', unlessEmpty(hook)],
        ['include', strings],
        ['ignore', strings],
        ['initial_sync', flag],
      ]),
    ),
  ],
]);

const blkioRate = list(
  struct([
    ['path', text],
    ['rate', size],
  ]),
);
export const blkio = struct([
  ['weight', int],
  [
    'weight_device',
    list(
      struct([
        ['path', text],
        ['weight', int],
      ]),
    ),
  ],
  ['device_read_bps', blkioRate],
  ['device_read_iops', blkioRate],
  ['device_write_bps', blkioRate],
  ['device_write_iops', blkioRate],
]);

export const devices = list(
  struct([
    ['capabilities', strings],
    ['driver', text],
    ['count', deviceCount],
    ['device_ids', strings],
    ['options', stringMap],
  ]),
);

const resource = struct([
  ['cpus', float],
  ['memory', size],
  ['pids', int],
  ['devices', devices],
  [
    'generic_resources',
    list(
      struct([
        [
          'discrete_resource_spec',
          struct([
            ['kind', text],
            ['value', optionalInt],
          ]),
        ],
      ]),
    ),
  ],
]);

const update = struct([
  ['parallelism', unsigned],
  ['delay', durationUnlessZero],
  ['failure_action', text],
  ['monitor', durationUnlessZero],
  ['max_failure_ratio', float],
  ['order', text],
]);

export const deploy = struct([
  ['mode', text],
  ['replicas', optionalInt],
  ['labels', stringMap],
  ['update_config', optional(update)],
  ['rollback_config', optional(update)],
  [
    'resources',
    unlessEmpty(
      struct([
        ['limits', optional(resource)],
        ['reservations', optional(resource)],
      ]),
    ),
  ],
  [
    'restart_policy',
    optional(
      struct([
        ['condition', text],
        ['delay', duration],
        ['max_attempts', unsigned],
        ['window', duration],
      ]),
    ),
  ],
  [
    'placement',
    unlessEmpty(
      struct([
        ['constraints', strings],
        ['preferences', list(struct([['spread', text]]))],
        ['max_replicas_per_node', int],
      ]),
    ),
  ],
  ['endpoint_mode', text],
]);
