import {
  duration,
  flag,
  float,
  int,
  keysOf,
  list,
  mapOf,
  optional,
  optionalFlag,
  optionalInt,
  size,
  struct,
  text,
  unsigned,
  type Kind,
} from './decode.ts';
import { command, environment, extraHosts, healthTest, multiOptions, optionMap, stringMap, strings, ulimit } from './kinds.ts';
import { blkio, build, deploy, develop, devices, fileReference, hook } from './part-shapes.ts';

/* The order of the keys is the order they are printed in. */

const dependency = struct([
  ['condition', text],
  ['restart', flag],
  ['required', (value, decoder) => optionalFlag(value, decoder) ?? true],
]);

const serviceNetwork: Kind = optional(
  struct([
    ['aliases', strings],
    ['driver_opts', stringMap],
    ['gw_priority', int],
    ['interface_name', text],
    ['ipv4_address', text],
    ['ipv6_address', text],
    ['link_local_ips', strings],
    ['mac_address', text],
    ['priority', int],
  ]),
);

const port = struct([
  ['name', text],
  ['mode', text],
  ['host_ip', text],
  ['target', unsigned],
  ['published', text],
  ['protocol', text],
  ['app_protocol', text],
]);

const volume = struct([
  ['type', text],
  ['source', text],
  ['target', text],
  ['read_only', flag],
  ['consistency', text],
  [
    'bind',
    optional(
      struct([
        ['selinux', text],
        ['propagation', text],
        ['create_host_path', flag],
        ['recursive', text],
      ]),
    ),
  ],
  [
    'volume',
    optional(
      struct([
        ['labels', stringMap],
        ['nocopy', flag],
        ['subpath', text],
      ]),
    ),
  ],
  [
    'tmpfs',
    optional(
      struct([
        ['size', size],
        ['mode', int],
      ]),
    ),
  ],
  ['image', optional(struct([['subpath', text]]))],
]);

const fields = [
  ['profiles', strings],
  ['annotations', stringMap],
  ['attach', optionalFlag],
  ['build', optional(build)],
  ['develop', optional(develop)],
  ['blkio_config', optional(blkio)],
  ['cap_add', strings],
  ['cap_drop', strings],
  ['cgroup_parent', text],
  ['cgroup', text],
  ['cpu_count', int],
  ['cpu_percent', float],
  ['cpu_period', int],
  ['cpu_quota', int],
  ['cpu_rt_period', int],
  ['cpu_rt_runtime', int],
  ['cpus', float],
  ['cpuset', text],
  ['cpu_shares', int],
  ['command', command],
  ['configs', list(fileReference)],
  ['container_name', text],
  [
    'credential_spec',
    optional(
      struct([
        ['config', text],
        ['file', text],
        ['registry', text],
      ]),
    ),
  ],
  ['depends_on', mapOf(dependency)],
  ['deploy', optional(deploy)],
  ['device_cgroup_rules', strings],
  [
    'devices',
    list(
      struct([
        ['source', text],
        ['target', text],
        ['permissions', text],
      ]),
    ),
  ],
  ['dns', strings],
  ['dns_opt', strings],
  ['dns_search', strings],
  ['domainname', text],
  ['entrypoint', command],
  [
    'provider',
    optional(
      struct([
        ['type', text],
        ['options', multiOptions],
      ]),
    ),
  ],
  ['environment', environment],
  [
    'env_file',
    list(
      struct([
        ['path', text],
        ['required', (value, decoder) => optionalFlag(value, decoder) ?? true],
        ['format', text],
      ]),
    ),
  ],
  ['expose', strings],
  [
    'extends',
    optional(
      struct([
        ['file', text],
        ['service', text],
      ]),
    ),
  ],
  ['external_links', strings],
  ['extra_hosts', extraHosts],
  ['group_add', strings],
  ['gpus', devices],
  ['hostname', text],
  [
    'healthcheck',
    optional(
      struct([
        ['test', healthTest],
        ['timeout', duration],
        ['interval', duration],
        ['retries', unsigned],
        ['start_period', duration],
        ['start_interval', duration],
        ['disable', flag],
      ]),
    ),
  ],
  ['image', text],
  ['init', optionalFlag],
  ['ipc', text],
  ['isolation', text],
  ['labels', stringMap],
  ['label_file', strings],
  ['links', strings],
  [
    'logging',
    optional(
      struct([
        ['driver', text],
        ['options', stringMap],
      ]),
    ),
  ],
  ['mem_limit', size],
  ['mem_reservation', size],
  ['memswap_limit', size],
  ['mem_swappiness', size],
  ['mac_address', text],
  [
    'models',
    mapOf(
      optional(
        struct([
          ['endpoint_var', text],
          ['model_var', text],
        ]),
      ),
    ),
  ],
  ['network_mode', text],
  ['networks', mapOf(serviceNetwork)],
  ['oom_kill_disable', flag],
  ['oom_score_adj', int],
  ['pid', text],
  ['pids_limit', int],
  ['platform', text],
  ['ports', list(port)],
  ['privileged', flag],
  ['pull_policy', text],
  ['read_only', flag],
  ['restart', text],
  ['runtime', text],
  ['scale', optionalInt],
  ['secrets', list(fileReference)],
  ['security_opt', strings],
  ['shm_size', size],
  ['stdin_open', flag],
  ['stop_grace_period', duration],
  ['stop_signal', text],
  ['storage_opt', optionMap],
  ['sysctls', stringMap],
  ['tmpfs', strings],
  ['tty', flag],
  ['ulimits', mapOf(ulimit)],
  ['use_api_socket', flag],
  ['user', text],
  ['userns_mode', text],
  ['uts', text],
  ['volumes', list(volume)],
  ['volumes_from', strings],
  ['working_dir', text],
  ['post_start', list(hook)],
  ['pre_stop', list(hook)],
] as const;

export const serviceShape = struct(fields);

/** In the order in which Docker Compose prints them. */
export const SERVICE_KEYS = keysOf(fields);
