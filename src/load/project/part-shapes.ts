import {
  complete,
  duration,
  durationUnlessZero,
  flag,
  float,
  int,
  keysOf,
  list,
  mapOf,
  optional,
  optionalInt,
  size,
  struct,
  text,
  unlessEmpty,
  unlessZero,
  unsigned,
} from './decode.ts';
import { buildUlimit, command, deviceCount, environment, extraHosts, fileMode, sshKeys, stringMap, strings } from './kinds.ts';

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
  ['ulimits', mapOf(buildUlimit)],
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

const trigger = [
  ['path', text],
  ['action', text],
  ['target', text],
  ['exec', unlessEmpty(hook)],
  ['include', strings],
  ['ignore', strings],
  ['initial_sync', flag],
] as const;

export const develop = struct([['watch', list(struct(trigger))]]);

const blkioRate = list(
  complete(
    struct([
      ['path', text],
      ['rate', size],
    ]),
    { path: '', rate: '0' },
  ),
);
export const blkio = struct([
  ['weight', int],
  [
    'weight_device',
    list(
      complete(
        struct([
          ['path', text],
          ['weight', int],
        ]),
        { path: '', weight: 0 },
      ),
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
          complete(
            struct([
              ['kind', text],
              ['value', optionalInt],
            ]),
            { kind: '', value: 0 },
          ),
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

const deployFields = [
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
        ['max_replicas_per_node', unlessZero(unsigned)],
      ]),
    ),
  ],
  ['endpoint_mode', text],
] as const;

export const deploy = struct(deployFields);

export const DEPLOY_KEYS = keysOf(deployFields);
export const TRIGGER_KEYS = keysOf(trigger);
