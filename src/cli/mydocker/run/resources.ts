import { MydockerError } from '../../../errors.ts';
import type { BlkioDevice, DeviceSpec, ResourceLimits, Ulimit } from '../../../model/container.ts';
import type { RunFlags } from './flags.ts';
import { bytesOf, integerOf, numberOf } from './values.ts';

/** Flags that `update` has too. */
export type LimitFlags = Partial<
  Pick<
    RunFlags,
    | 'blkioWeight'
    | 'cpuPeriod'
    | 'cpuQuota'
    | 'cpuRtPeriod'
    | 'cpuRtRuntime'
    | 'cpuShares'
    | 'cpus'
    | 'cpusetCpus'
    | 'cpusetMems'
    | 'memory'
    | 'memoryReservation'
    | 'memorySwap'
    | 'memorySwappiness'
    | 'pidsLimit'
  >
>;

export function limitsOf(flags: LimitFlags): ResourceLimits {
  return {
    ...given('memory', flags.memory, (value) => bytesOf('--memory', value)),
    ...given('memorySwap', flags.memorySwap, (value) => bytesOf('--memory-swap', value)),
    ...given('memoryReservation', flags.memoryReservation, (value) => bytesOf('--memory-reservation', value)),
    ...given('memorySwappiness', flags.memorySwappiness, (value) => integerOf('--memory-swappiness', value)),
    ...given('nanoCpus', flags.cpus, (value) => Math.round(numberOf('--cpus', value) * 1e9)),
    ...given('cpuShares', flags.cpuShares, (value) => integerOf('--cpu-shares', value)),
    ...given('cpuQuota', flags.cpuQuota, (value) => integerOf('--cpu-quota', value)),
    ...given('cpuPeriod', flags.cpuPeriod, (value) => integerOf('--cpu-period', value)),
    ...given('cpuRtRuntime', flags.cpuRtRuntime, (value) => integerOf('--cpu-rt-runtime', value)),
    ...given('cpuRtPeriod', flags.cpuRtPeriod, (value) => integerOf('--cpu-rt-period', value)),
    ...given('cpusetCpus', flags.cpusetCpus, (value) => checkedList('--cpuset-cpus', value)),
    ...given('cpusetMems', flags.cpusetMems, (value) => checkedList('--cpuset-mems', value)),
    ...given('pidsLimit', flags.pidsLimit, (value) => integerOf('--pids-limit', value)),
    ...given('blkioWeight', flags.blkioWeight, checkedWeight),
  };
}

function given<K extends string, T>(key: K, value: string | undefined, parse: (value: string) => T): Partial<Record<K, T>> {
  return value === undefined ? {} : ({ [key]: parse(value) } as Partial<Record<K, T>>);
}

function checkedList(flag: string, value: string): string {
  if (/^\d+(-\d+)?(,\d+(-\d+)?)*$/.test(value)) return value;
  throw new MydockerError('usage', `invalid value ${JSON.stringify(value)} for ${flag}: not a list such as 0-2,5`, { exitStatus: 125 });
}

function checkedWeight(value: string): number {
  const weight = integerOf('--blkio-weight', value);
  if (weight === 0 || (weight >= 10 && weight <= 1000)) return weight;
  throw new MydockerError('usage', `invalid value ${JSON.stringify(value)} for --blkio-weight: 10 to 1000`, { exitStatus: 125 });
}

export function resourcesOf(flags: RunFlags): ResourceLimits {
  const devices = blkioDevices(flags);
  return {
    ...limitsOf(flags),
    ...(flags.oomKillDisable === true ? { oomKillDisable: true } : {}),
    ...(flags.cgroupParent === undefined ? {} : { cgroupParent: flags.cgroupParent }),
    ...(flags.deviceCgroupRule.length === 0 ? {} : { deviceCgroupRules: flags.deviceCgroupRule.map(checkedRule) }),
    ...(devices.length === 0 ? {} : { blkioDevices: devices }),
  };
}

function checkedRule(rule: string): string {
  if (/^[acb] (\d+|\*):(\d+|\*) [rwm]{1,3}$/.test(rule)) return rule;
  throw new MydockerError('usage', `invalid device cgroup rule ${JSON.stringify(rule)}`, {
    exitStatus: 125,
    hint: 'Write e.g. "c 10:200 rwm".',
  });
}

function blkioDevices(flags: RunFlags): readonly BlkioDevice[] {
  const parse = (kind: BlkioDevice['kind'], flag: string, texts: readonly string[]): BlkioDevice[] =>
    texts.map((text) => {
      const cut = text.lastIndexOf(':');
      if (cut < 1)
        throw new MydockerError('usage', `invalid value ${JSON.stringify(text)} for ${flag}: write device:value`, { exitStatus: 125 });
      const value = text.slice(cut + 1);
      return { kind, path: text.slice(0, cut), value: kind.endsWith('bps') ? bytesOf(flag, value) : integerOf(flag, value) };
    });
  return [
    ...parse('weight', '--blkio-weight-device', flags.blkioWeightDevice),
    ...parse('read_bps', '--device-read-bps', flags.deviceReadBps),
    ...parse('read_iops', '--device-read-iops', flags.deviceReadIops),
    ...parse('write_bps', '--device-write-bps', flags.deviceWriteBps),
    ...parse('write_iops', '--device-write-iops', flags.deviceWriteIops),
  ];
}

/** `--device`: `host`, `host:container`, `host:permissions`, `host:container:permissions`. */
export function deviceFlag(text: string): DeviceSpec {
  const [hostPath = '', second, third] = text.split(':');
  const isPermissions = (part: string | undefined): part is string => part !== undefined && /^[rwm]{1,3}$/.test(part);
  if (!hostPath.startsWith('/') || (third !== undefined && !isPermissions(third))) {
    throw new MydockerError('usage', `invalid device ${JSON.stringify(text)}`, { exitStatus: 125, hint: 'Write host[:container[:rwm]].' });
  }
  if (third === undefined && isPermissions(second)) return { hostPath, containerPath: hostPath, permissions: second };
  return { hostPath, containerPath: second ?? hostPath, permissions: third ?? 'rwm' };
}

const ULIMITS = [
  'as',
  'core',
  'cpu',
  'data',
  'fsize',
  'locks',
  'memlock',
  'msgqueue',
  'nice',
  'nofile',
  'nproc',
  'rss',
  'rtprio',
  'rttime',
  'sigpending',
  'stack',
];

/** `--ulimit`: `name=soft` or `name=soft:hard`. */
export function ulimitFlag(text: string): Ulimit {
  const match = /^([a-z]+)=(-?\d+|unlimited)(?::(-?\d+|unlimited))?$/.exec(text);
  const name = match?.[1] ?? '';
  if (match === null || !ULIMITS.includes(name)) {
    throw new MydockerError('usage', `invalid ulimit ${JSON.stringify(text)}`, { exitStatus: 125, hint: 'Write e.g. nofile=1024:2048.' });
  }
  const limit = (value: string | undefined): number => (value === 'unlimited' ? -1 : Number(value));
  const soft = limit(match[2]);
  const hard = match[3] === undefined ? soft : limit(match[3]);
  if (hard >= 0 && (soft < 0 || soft > hard)) {
    throw new MydockerError('usage', `ulimit ${JSON.stringify(text)}: the soft limit is above the hard limit`, { exitStatus: 125 });
  }
  return { name, soft, hard };
}
