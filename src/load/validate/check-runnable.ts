import type { Project } from '../../model/project.ts';
import type { Service } from '../../model/service.ts';
import { goDurationToMs } from '../../util/go-duration.ts';
import { readPlatform } from '../../model/platform.ts';
import type { Report } from './check-consistency.ts';
import { checkFiles, checkNames, checkVolumes } from './check-storage.ts';
import { checkEndpoints } from './check-endpoints.ts';
import { checkJoinedNetwork } from './check-joined-network.ts';
import { checkNetworks } from './check-networks.ts';
import { sysctlProblem } from '../../model/sysctls.ts';
import { nearest } from './nearest.ts';
import { CAPABILITIES, isSignal, LIMITS } from './kernel-names.ts';
import { isIP } from '../../util/ip.ts';

/**
 * What `config` lets pass, as Docker Compose does, but no container could be made from. Checked before anything is
 * changed, so that a mistake in one service does not leave the others half done.
 */
export function checkRunnable(project: Project, variables: ReadonlyMap<string, string>, report: Report): void {
  for (const [name, service] of Object.entries(project.services)) {
    if (service.provider !== undefined) continue;
    const fail: Report = (path, message, hint) => {
      report(['services', name, ...path], message, hint);
    };
    checkProcess(service, fail);
    checkHealth(service, fail);
    checkEnvironment(service, fail);
    checkLogging(service, fail);
    checkResources(service, fail);
    checkPaths(service, fail);
    checkVolumes(service, fail);
    checkFiles(service, project, variables, fail);
    checkNamespaces(service, fail);
    checkSharedIpc(project, service, fail);
    checkSysctls(service, fail);
    checkNetworking(service, fail);
    checkJoinedNetwork(service, fail);
    checkEndpoints(project, service, fail);
    checkWatched(service, fail);
  }
  checkNames(project, report);
  checkNetworks(project, report);
}

function checkProcess(service: Service, fail: Report): void {
  const { restart, stop_signal: signal, working_dir: directory, container_name: name, ulimits, cap_add: add, cap_drop: drop } = service;
  if (restart !== undefined && !/^(no|always|unless-stopped|on-failure(:\d+)?)$/.test(restart)) {
    fail(['restart'], `invalid restart policy ${JSON.stringify(restart)}`, 'use no, always, on-failure, on-failure:N or unless-stopped');
  }
  if (signal !== undefined && !isSignal(signal))
    fail(['stop_signal'], `unknown signal ${JSON.stringify(signal)}`, 'use for example SIGTERM or 15');
  if (directory !== undefined && !directory.startsWith('/')) {
    fail(['working_dir'], `the working directory ${JSON.stringify(directory)} is not an absolute path`);
  }
  if (name !== undefined && !/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name)) {
    fail(['container_name'], `invalid container name ${JSON.stringify(name)}`, 'use letters, digits, underscores, dots and hyphens');
  }
  const { stop_grace_period: grace } = service;
  if (grace !== undefined && goDurationToMs(grace) === undefined)
    fail(['stop_grace_period'], `${grace} is no duration`, 'write for example 10s');
  checkDeployRestart(service, fail);
  if (service.platform !== undefined && service.platform !== '' && readPlatform(service.platform) === undefined) {
    fail(['platform'], `${JSON.stringify(service.platform)}: unknown operating system or architecture`, 'write for example linux/arm64');
  }
  for (const [key, limit] of Object.entries(ulimits ?? {})) {
    if (!LIMITS.has(key)) fail(['ulimits', key], `unknown resource limit ${JSON.stringify(key)}`, suggestion(key, LIMITS));
    if (typeof limit === 'object' && limit.hard !== -1 && (limit.soft > limit.hard || limit.soft === -1)) {
      fail(['ulimits', key], `the soft limit ${String(limit.soft)} is above the hard limit ${String(limit.hard)}`);
    }
  }
  for (const [key, list] of [
    ['cap_add', add],
    ['cap_drop', drop],
  ] as const) {
    list?.forEach((capability, index) => {
      const known = capability.toUpperCase().replace(/^CAP_/, '');
      if (known !== 'ALL' && !CAPABILITIES.has(known)) {
        fail([key, index], `unknown capability ${JSON.stringify(capability)}`, suggestion(known, CAPABILITIES));
      }
    });
  }
}

function checkDeployRestart({ deploy }: Service, fail: Report): void {
  const policy = deploy?.restart_policy;
  if (policy === undefined) return;
  const { condition = '', max_attempts: attempts = 0 } = policy;
  const place = ['deploy', 'restart_policy'];
  if (!['', 'none', 'any', 'always', 'on-failure', 'unless-stopped'].includes(condition)) {
    fail([...place, 'condition'], `invalid restart policy ${JSON.stringify(condition)}`, 'use none, on-failure or any');
  } else if (attempts > 0 && condition !== 'on-failure') {
    fail([...place, 'max_attempts'], 'invalid restart policy: maximum retry count can only be used with condition on-failure');
  }
}

function checkHealth({ healthcheck }: Service, fail: Report): void {
  if (healthcheck?.start_interval !== undefined && healthcheck.start_period === undefined) {
    fail(['healthcheck', 'start_interval'], 'healthcheck.start_interval requires healthcheck.start_period to be set');
  }
  for (const key of ['interval', 'timeout', 'start_period', 'start_interval'] as const) {
    const text = healthcheck?.[key];
    const time = text === undefined ? 0 : goDurationToMs(text);
    if (time === undefined ? text?.startsWith('-') === true : time !== 0 && time < 1)
      fail(['healthcheck', key], `${text ?? ''} is too short: it cannot be less than 1ms`);
  }
}

function checkEnvironment({ environment }: Service, fail: Report): void {
  if (environment !== undefined && '' in environment) fail(['environment'], `invalid environment variable: =${environment[''] ?? ''}`);
}

const LOG_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  'json-file': ['max-size', 'max-file', 'compress', 'labels', 'labels-regex', 'env', 'env-regex', 'tag', 'mode', 'max-buffer-size'],
  local: ['max-size', 'max-file', 'compress', 'mode', 'max-buffer-size'],
};

function checkLogging({ logging }: Service, fail: Report): void {
  const driver = logging?.driver === undefined || logging.driver === '' ? 'json-file' : logging.driver;
  const known = LOG_OPTIONS[driver];
  for (const option of Object.keys(logging?.options ?? {})) {
    if (known?.includes(option) === false) {
      fail(
        ['logging', 'options', option],
        `unknown log option ${JSON.stringify(option)} for the driver ${driver}`,
        suggestion(option, known),
      );
    }
  }
  const { compress, 'max-file': files = 1, 'max-size': size } = logging?.options ?? {};
  if (driver === 'json-file' && String(compress) === 'true' && (size === undefined || Number(files) < 2)) {
    fail(['logging', 'options', 'compress'], 'only files that are full can be compressed', 'set `max-size`, and `max-file` to 2 or more');
  }
}

function suggestion(name: string, known: Iterable<string>): string | undefined {
  const near = nearest(name, known);
  return near === undefined ? undefined : `did you mean ${near}?`;
}

const MINIMUM_MEMORY = 6 * 1024 * 1024;

function checkResources(service: Service, fail: Report): void {
  const limits = service.deploy?.resources?.limits;
  const range = (path: readonly string[], value: number | undefined, low: number, high = Infinity): void => {
    if (value === undefined || (value >= low && value <= high)) return;
    const bounds = high === Infinity ? `at least ${String(low)}` : `from ${String(low)} to ${String(high)}`;
    fail(path, `${String(value)} is out of range: it must be ${bounds}`);
  };
  range(['cpus'], service.cpus, 0);
  range(['deploy', 'resources', 'limits', 'cpus'], limits?.cpus, 0);
  range(['cpu_shares'], service.cpu_shares, 0);
  range(['cpu_period'], service.cpu_period, 1000, 1_000_000);
  if (service.cpu_quota !== -1) range(['cpu_quota'], service.cpu_quota, 1000);
  range(['pids_limit'], service.pids_limit, -1);
  range(['mem_swappiness'], service.mem_swappiness === undefined ? undefined : Number(service.mem_swappiness), -1, 100);
  range(['blkio_config', 'weight'], service.blkio_config?.weight, 10, 1000);
  for (const [path, text] of [
    [['mem_limit'], service.mem_limit],
    [['deploy', 'resources', 'limits', 'memory'], limits?.memory],
  ] as const) {
    if (text !== undefined && Number(text) < MINIMUM_MEMORY) fail(path, `${text} bytes of memory are too little: 6 MiB are the least`);
  }
  for (const key of ['mem_reservation', 'shm_size'] as const)
    range([key], service[key] === undefined ? undefined : Number(service[key]), 0);
  const swap = Number(service.memswap_limit ?? -1);
  const memory = Number(service.mem_limit ?? 0);
  if (swap >= 0 && swap < memory) fail(['memswap_limit'], 'memory and swap together are less than the memory limit');
}

function checkPaths(service: Service, fail: Report): void {
  const absolute = (path: readonly (string | number)[], target: string): void => {
    if (!target.startsWith('/')) fail(path, `invalid mount path ${JSON.stringify(target)}: it must be absolute`);
  };
  service.volumes?.forEach(({ target }, index) => {
    absolute(['volumes', index], target);
  });
  service.tmpfs?.forEach((entry, index) => {
    absolute(['tmpfs', index], entry.split(':', 1)[0] ?? entry);
  });
  service.devices?.forEach(({ source, target, permissions }, index) => {
    if (target !== undefined && !target.startsWith('/')) {
      const hint = /^[rwm]+$/.test(target) ? `write ${source}:${source}:${target}` : undefined;
      fail(['devices', index], `the path of the device in the container, ${JSON.stringify(target)}, is not absolute`, hint);
    }
    if (permissions !== undefined && !/^[rwm]+$/.test(permissions)) {
      fail(['devices', index], `invalid device permissions ${JSON.stringify(permissions)}: use r, w and m`);
    }
  });
  service.device_cgroup_rules?.forEach((rule, index) => {
    if (!/^[acb] (\d+|\*):(\d+|\*) [rwm]{1,3}$/.test(rule)) {
      fail(['device_cgroup_rules', index], `invalid device cgroup rule ${JSON.stringify(rule)}: write for example "c 1:3 mr"`);
    }
  });
}

/** A path that is not watched after all would be noticed when it matters. */
function checkWatched(service: Service, fail: Report): void {
  const extension = service['x-mydocker'];
  if (typeof extension !== 'object' || extension === null || !('watch_content' in extension)) return;
  const binds = (service.volumes ?? []).filter(({ type }) => type === 'bind').map(({ target }) => target);
  if (!Array.isArray(extension.watch_content)) return;
  extension.watch_content.forEach((target: unknown, index) => {
    if (typeof target === 'string' && !binds.includes(target)) {
      const hint = binds.length === 0 ? 'it has none' : `it has ${binds.join(', ')}`;
      fail(['x-mydocker', 'watch_content', index], `${JSON.stringify(target)} is not the target of a bind mount of this service`, hint);
    }
  });
}

const NAMESPACES = {
  ipc: /^(none|private|shareable|host|(service|container):.+)$/,
  pid: /^(host|(service|container):.+)$/,
  uts: /^host$/,
  userns_mode: /^host$/,
} as const;

function checkNamespaces(service: Service, fail: Report): void {
  for (const key of ['ipc', 'pid', 'uts', 'userns_mode'] as const) {
    const mode = service[key];
    if (mode !== undefined && !NAMESPACES[key].test(mode)) fail([key], `invalid mode ${JSON.stringify(mode)}`);
  }
}

/** As in Docker: what is private cannot be joined. */
function checkSharedIpc({ services }: Project, { ipc }: Service, fail: Report): void {
  const [, donor] = /^service:(.+)$/.exec(ipc ?? '') ?? [];
  if (donor === undefined || services[donor] === undefined) return;
  const mode = services[donor].ipc ?? '';
  if (mode !== '' && mode !== 'private' && mode !== 'none') return;
  fail(['ipc'], `the IPC namespace of service ${donor} is not shareable`, `set services.${donor}.ipc: shareable`);
}

function checkSysctls({ sysctls, network_mode: network, ipc, uts, hostname }: Service, fail: Report): void {
  const kind = (mode: string | undefined): 'host' | 'private' => (mode === 'host' ? mode : 'private');
  for (const name of Object.keys(sysctls ?? {})) {
    const problem = sysctlProblem(name, { network: kind(network), ipc: kind(ipc), uts: kind(uts) });
    if (problem !== undefined) fail(['sysctls', name], problem);
  }
  if (uts === 'host' && hostname !== undefined && hostname !== '') fail(['hostname'], 'conflicting options: hostname and the UTS mode');
}

function checkNetworking(service: Service, fail: Report): void {
  for (const [name, network] of Object.entries(service.networks ?? {})) {
    const place = ['networks', name];
    if (network?.ipv4_address !== undefined && isIP(network.ipv4_address) !== 4) {
      fail([...place, 'ipv4_address'], `${JSON.stringify(network.ipv4_address)} is not an IPv4 address`);
    }
    if (network?.ipv6_address !== undefined && isIP(network.ipv6_address) !== 6) {
      fail([...place, 'ipv6_address'], `${JSON.stringify(network.ipv6_address)} is not an IPv6 address`);
    }
    checkMac([...place, 'mac_address'], network?.mac_address, fail);
  }
  checkMac(['mac_address'], service.mac_address, fail);
  service.dns?.forEach((server, index) => {
    if (isIP(server) === 0) fail(['dns', index], `${JSON.stringify(server)} is not an IP address`);
  });
  service.extra_hosts?.forEach((entry) => {
    const address = entry.slice(entry.indexOf('=') + 1);
    if (address !== 'host-gateway' && isIP(address) === 0) fail(['extra_hosts'], `invalid address in ${JSON.stringify(entry)}`);
  });
  service.ports?.forEach(({ target, published }, index) => {
    if (!isPort(target)) fail(['ports', index], `container port ${String(target)} is out of range: 1 to 65535`);
    if (published === undefined || published === '') return;
    if (!/^\d+(-\d+)?$/.test(published) || !published.split('-').every((port) => Number(port) <= 65535)) {
      fail(['ports', index], `host port ${JSON.stringify(published)} is not a port or a range of ports`);
    }
  });
}

function checkMac(path: readonly string[], address: string | undefined, fail: Report): void {
  if (address !== undefined && !/^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i.test(address))
    fail(path, `${JSON.stringify(address)} is not a MAC address`);
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65535;
}
