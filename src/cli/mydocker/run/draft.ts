import { readFileSync } from 'node:fs';
import { MydockerError } from '../../../errors.ts';
import type {
  ContainerConfig,
  HealthcheckSpec,
  LogSpec,
  MountSpec,
  NamespaceMode,
  NetworkSpec,
  RestartPolicy,
  SecuritySpec,
} from '../../../model/container.ts';
import type { ContainerDraft, Image } from '../../../model/runtime.ts';
import { checkedSignal } from '../../../model/signals.ts';
import { parseAddress } from '../../../util/ip.ts';
import { parseBoolean } from '../../../util/parse-boolean.ts';
import { splitWords } from '../../../util/split-words.ts';
import type { RunFlags } from './flags.ts';
import { mountFlag, tmpfsFlag, volumeFlag } from './mounts.ts';
import { exposeFlag, publishFlag } from './ports.ts';
import { deviceFlag, resourcesOf, ulimitFlag } from './resources.ts';
import { bytesOf, envEntries, fileLines, integerOf, mergeEnv, millisecondsOf, oneOf, pairsOf } from './values.ts';

const DEFAULT_SHM_SIZE = 64 * 1024 * 1024;
const DEFAULT_STOP_TIMEOUT = 10;

export interface DraftSource {
  readonly name: string;
  readonly reference: string;
  readonly image: Image;
  readonly command: readonly string[];
  /** What `--volumes-from` names, ready as mounts. */
  readonly inherited: readonly MountSpec[];
  /** Variables over the image's and under those of the flags. */
  readonly proxies: Readonly<Record<string, string>>;
}

/** What `run` and `create` ask for: the image's defaults, overridden by flags. */
export function draftOf(flags: RunFlags, { name, reference, image, command, inherited, proxies }: DraftSource): ContainerDraft {
  const [first = 'bridge', ...others] = flags.network;
  const mode = networkMode(first);
  if (mode.kind !== 'private' && others.length > 0) {
    throw new MydockerError('usage', `--network ${first} and ${others.join(', ')} exclude each other`, { exitStatus: 125 });
  }
  const healthcheck = healthcheckOf(flags, image);
  checkUnused(flags);
  return {
    name,
    image: { reference, id: image.id, layers: image.layers },
    labels: {
      ...image.config.labels,
      ...pairsOf(flags.labelFile.flatMap((path) => fileLines('--label-file', path))),
      ...pairsOf(flags.annotation),
      ...pairsOf(flags.label),
    },
    process: processOf(flags, image, command, proxies),
    hostname: flags.hostname ?? '',
    domainname: flags.domainname ?? '',
    namespaces: {
      network: mode,
      pid: namespaceMode('--pid', flags.pid, ['host', 'container']),
      ipc: namespaceMode('--ipc', flags.ipc, ['private', 'shareable', 'host', 'none', 'container']),
      uts: namespaceMode('--uts', flags.uts, ['host']),
      cgroup: namespaceMode('--cgroupns', flags.cgroupns, ['private', 'host']),
    },
    mounts: mountsOf(flags, image, inherited),
    readonlyRootfs: flags.readOnly ?? false,
    security: securityOf(flags),
    resources: resourcesOf(flags),
    sysctls: pairsOf(flags.sysctl),
    devices: flags.device.map(deviceFlag),
    shmSize: flags.shmSize === undefined ? DEFAULT_SHM_SIZE : bytesOf('--shm-size', flags.shmSize),
    init: flags.init ?? false,
    restart: restartFlag(flags.restart ?? 'no', flags.rm ?? false),
    stop: {
      signal: checkedStopSignal(flags.stopSignal ?? (image.config.stopSignal === '' ? 'SIGTERM' : image.config.stopSignal)),
      timeout: flags.stopTimeout === undefined ? DEFAULT_STOP_TIMEOUT : integerOf('--stop-timeout', flags.stopTimeout),
    },
    log: logOf(flags),
    ...(healthcheck === undefined ? {} : { healthcheck }),
    network: networkOf(flags, image, mode),
    autoRemove: flags.rm ?? false,
  };
}

/** Values that nothing here depends on, but that would mean something else than what happens. */
function checkUnused({ runtime, userns, addHost }: RunFlags): void {
  const fail = (message: string): never => {
    throw new MydockerError('usage', message, { exitStatus: 125 });
  };
  if (runtime !== undefined && !['', 'runc', 'io.containerd.runc.v2', 'mydocker'].includes(runtime)) {
    fail(`unknown or invalid runtime name: ${runtime}`);
  }
  if (userns !== undefined && userns !== '' && userns !== 'host') fail(`--userns: invalid USER mode ${JSON.stringify(userns)}`);
  for (const entry of addHost) {
    const [name = '', address = ''] = entry.split(/[:=](.*)/s);
    const bare = address.replace(/^\[(.*)\]$/, '$1');
    if (name === '' || (bare !== 'host-gateway' && parseAddress(bare) === undefined))
      fail(`invalid argument ${JSON.stringify(entry)} for --add-host: bad format, write host:ip`);
  }
}

function checkedStopSignal(signal: string): string {
  checkedSignal(signal);
  return signal;
}

function processOf(
  flags: RunFlags,
  { config }: Image,
  words: readonly string[],
  proxies: DraftSource['proxies'],
): ContainerConfig['process'] {
  const replaced = flags.entrypoint !== undefined;
  const entrypoint = flags.entrypoint === undefined ? config.entrypoint : splitEntrypoint(flags.entrypoint);
  // A new entrypoint makes the image's command meaningless.
  const command = words.length > 0 || replaced ? words : config.cmd;
  return {
    args: [...entrypoint, ...command],
    entrypoint,
    command,
    env: mergeEnv(
      config.env,
      Object.entries(proxies).map(([name, value]) => `${name}=${value}`),
      envEntries(flags.envFile.flatMap((path) => fileLines('--env-file', path))),
      envEntries(flags.env),
    ),
    cwd: flags.workdir ?? config.workingDir,
    user: flags.user ?? config.user,
    groupAdd: flags.groupAdd,
    tty: flags.tty ?? false,
    stdinOpen: flags.interactive ?? false,
    stdinOnce: (flags.interactive ?? false) && flags.detach !== true,
    ulimits: flags.ulimit.map(ulimitFlag),
    oomScoreAdj: flags.oomScoreAdj === undefined ? 0 : integerOf('--oom-score-adj', flags.oomScoreAdj),
  };
}

/** Docker takes it as one program's path; a JSON list is taken as a list. */
function splitEntrypoint(text: string): readonly string[] {
  if (text === '') return [];
  return text.startsWith('[') ? splitWords(text.replace(/^\[|\]$/g, '').replaceAll(',', ' ')) : [text];
}

function networkMode(text: string): NamespaceMode {
  if (text === 'host') return { kind: 'host' };
  if (text === 'none') return { kind: 'none' };
  if (text.startsWith('container:')) return { kind: 'container', container: text.slice('container:'.length) };
  return { kind: 'private' };
}

function namespaceMode(flag: string, text: string | undefined, allowed: readonly string[]): NamespaceMode {
  if (text === undefined || text === '') return { kind: 'private' };
  const [kind = '', container = ''] = text.split(/:(.*)/s);
  const known = oneOf(flag, kind, ['private', 'host', 'none', 'shareable', 'container'] as const);
  if (!allowed.includes(known)) throw new MydockerError('usage', `invalid value ${JSON.stringify(text)} for ${flag}`, { exitStatus: 125 });
  return known === 'container' ? { kind: known, container } : { kind: known };
}

/** The image's volumes become anonymous ones, unless something else is mounted there. */
function mountsOf(flags: RunFlags, { config }: Image, inherited: readonly MountSpec[]): readonly MountSpec[] {
  const own = [...flags.volume.map(volumeFlag), ...flags.mount.map(mountFlag), ...flags.tmpfs.map(tmpfsFlag)];
  const taken = new Set(own.map(({ target }) => target));
  const further = inherited.filter(({ target }) => !taken.has(target));
  for (const { target } of further) taken.add(target);
  const declared = config.volumes.filter((target) => !taken.has(target)).map((target) => volumeFlag(target));
  return [...own, ...further, ...declared];
}

function securityOf(flags: RunFlags): SecuritySpec {
  let seccomp = 'default';
  let noNewPrivileges = false;
  let maskSystemPaths = true;
  let apparmor: string | undefined;
  for (const option of flags.securityOpt) {
    const [key = '', value = ''] = option.split(/[=:](.*)/s);
    if (key === 'seccomp')
      seccomp = value === 'unconfined' || value === 'builtin' ? value.replace('builtin', 'default') : readProfile(value);
    else if (key === 'no-new-privileges') noNewPrivileges = truthOf(option, value);
    else if (key === 'systempaths' && value === 'unconfined') maskSystemPaths = false;
    else if (key === 'apparmor') apparmor = value;
    else if (key !== 'label' || value !== 'disable') {
      throw new MydockerError('unsupported', `--security-opt ${option} is not supported`, { exitStatus: 125 });
    }
  }
  return {
    privileged: flags.privileged ?? false,
    capAdd: flags.capAdd,
    capDrop: flags.capDrop,
    noNewPrivileges,
    seccomp,
    ...(apparmor === undefined ? {} : { apparmor }),
    maskSystemPaths,
  };
}

function truthOf(option: string, value: string): boolean {
  const truth = value === '' || parseBoolean(value);
  if (truth === undefined) throw new MydockerError('usage', `invalid --security-opt ${JSON.stringify(option)}`, { exitStatus: 125 });
  return truth;
}

function readProfile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new MydockerError('invalid', `the seccomp profile ${path} cannot be read`, { cause: error, exitStatus: 125 });
  }
}

/** `no`, `always`, `unless-stopped`, `on-failure`, `on-failure:5`. */
export function restartFlag(text: string, removed = false): RestartPolicy {
  const [kind = '', count] = text.split(':');
  const name = oneOf('--restart', kind === '' ? 'no' : kind, ['no', 'always', 'on-failure', 'unless-stopped'] as const);
  if (count !== undefined && name !== 'on-failure') {
    throw new MydockerError('usage', `--restart ${text}: only on-failure takes a number of tries`, { exitStatus: 125 });
  }
  if (removed && name !== 'no') throw new MydockerError('usage', 'conflicting options: --restart and --rm', { exitStatus: 125 });
  return { name, maximumRetryCount: count === undefined ? 0 : integerOf('--restart', count) };
}

function logOf({ logDriver = 'json-file', logOpt }: RunFlags): LogSpec {
  const driver = oneOf('--log-driver', logDriver, ['json-file', 'local', 'none'] as const);
  const options = pairsOf(logOpt);
  const unknown = Object.keys(options).find(
    (key) =>
      !['max-size', 'max-file', 'compress', 'mode', 'max-buffer-size', 'labels', 'labels-regex', 'env', 'env-regex', 'tag'].includes(key),
  );
  if (unknown !== undefined) throw new MydockerError('invalid', `unknown log option ${JSON.stringify(unknown)}`, { exitStatus: 125 });
  const size = options['max-size'];
  const count = options['max-file'];
  const isLocal = driver === 'local';
  return {
    driver,
    maxSize: size === undefined ? (isLocal ? 20 * 1024 * 1024 : 0) : bytesOf('--log-opt max-size', size),
    maxFile: count === undefined ? (isLocal ? 5 : 1) : integerOf('--log-opt max-file', count),
    ...(logOpt.length === 0 ? {} : { options }),
  };
}

const NANOSECONDS_PER_MS = 1e6;

function healthcheckOf(flags: RunFlags, { config }: Image): HealthcheckSpec | undefined {
  if (!flags.healthcheck) return undefined;
  const image = config.healthcheck;
  for (const [flag, text] of [
    ['--health-interval', flags.healthInterval],
    ['--health-timeout', flags.healthTimeout],
    ['--health-start-period', flags.healthStartPeriod],
    ['--health-start-interval', flags.healthStartInterval],
  ] as const) {
    if (text !== undefined) millisecondsOf(flag, text); // also where there is no check that would use it
  }
  const test = flags.healthCmd === undefined ? (image?.test ?? []) : ['CMD-SHELL', flags.healthCmd];
  if (test.length === 0 || test[0] === 'NONE') return undefined;
  const time = (flag: string, text: string | undefined, nanoseconds: number | undefined, fallback: number): number => {
    if (text !== undefined) return millisecondsOf(flag, text);
    return nanoseconds === undefined || nanoseconds === 0 ? fallback : nanoseconds / NANOSECONDS_PER_MS;
  };
  return {
    test,
    interval: time('--health-interval', flags.healthInterval, image?.interval, 30_000),
    timeout: time('--health-timeout', flags.healthTimeout, image?.timeout, 30_000),
    startPeriod: time('--health-start-period', flags.healthStartPeriod, image?.startPeriod, 0),
    startInterval: time('--health-start-interval', flags.healthStartInterval, image?.startInterval, 5000),
    retries: flags.healthRetries === undefined ? (image?.retries ?? 0) || 3 : integerOf('--health-retries', flags.healthRetries),
  };
}

function networkOf(flags: RunFlags, { config }: Image, mode: NamespaceMode): NetworkSpec {
  const exposed = [...new Set([...config.exposedPorts, ...flags.expose.flatMap(exposeFlag)])];
  const published = flags.publish.flatMap(publishFlag);
  const all = flags.publishAll === true ? exposed.flatMap((port) => publishFlag(port)) : [];
  const names = mode.kind === 'private' ? (flags.network.length === 0 ? ['bridge'] : flags.network) : [];
  return {
    endpoints: names.map((network, index) => endpointOf(flags, network === 'default' ? 'bridge' : network, index === 0)),
    ports:
      mode.kind === 'private'
        ? [
            ...published,
            ...all.filter(
              (port) =>
                !published.some(({ containerPort, protocol }) => containerPort === port.containerPort && protocol === port.protocol),
            ),
          ]
        : [],
    extraHosts: flags.addHost.map((text) => text.replace(/^([^:=]+)=/, '$1:')),
    dns: flags.dns,
    dnsSearch: flags.dnsSearch,
    dnsOptions: flags.dnsOption,
    exposed,
  };
}

function endpointOf(flags: RunFlags, network: string, isFirst: boolean): NetworkSpec['endpoints'][number] {
  return {
    network,
    aliases: isFirst ? flags.networkAlias : [],
    links: isFirst ? flags.link : [],
    linkLocalIps: isFirst ? flags.linkLocalIp : [],
    ...(isFirst && flags.ip !== undefined ? { ipv4Address: flags.ip } : {}),
    ...(isFirst && flags.ip6 !== undefined ? { ipv6Address: flags.ip6 } : {}),
    ...(isFirst && flags.macAddress !== undefined ? { macAddress: flags.macAddress } : {}),
    priority: 0,
    gwPriority: 0,
    driverOpts: {},
  };
}
