import type { ContainerConfig, MountSpec } from '../../model/container.ts';
import type { Container, PublishedPort, VolumeRecord } from '../../model/runtime.ts';
import type { ContainerPaths } from './paths.ts';
import { inspectHostConfig } from './inspect-host-config.ts';

type Json = Readonly<Record<string, unknown>>;

const NO_TIME = '0001-01-01T00:00:00Z';

/** A container as `docker inspect` shows one. */
export function inspectContainer(
  { config, state, network }: Container,
  paths: ContainerPaths,
  volumes: ReadonlyMap<string, VolumeRecord>,
): Json {
  const running = state.status === 'running' || state.status === 'paused' || state.status === 'restarting';
  return {
    Id: config.id,
    Created: config.created,
    Path: config.process.args[0] ?? '',
    Args: config.process.args.slice(1),
    State: {
      Status: state.status,
      Running: running,
      Paused: state.status === 'paused',
      Restarting: state.status === 'restarting',
      OOMKilled: state.oomKilled,
      Dead: state.status === 'dead',
      Pid: state.pid,
      ExitCode: state.exitCode,
      Error: state.error,
      StartedAt: state.startedAt === '' ? NO_TIME : state.startedAt,
      FinishedAt: state.finishedAt === '' ? NO_TIME : state.finishedAt,
      // Undefined is not printed, but templates may ask for it.
      Health: state.health === undefined ? undefined : healthOf(state.health),
    },
    Image: config.image.id,
    ResolvConfPath: `${paths.data}/resolv.conf`,
    HostnamePath: `${paths.data}/hostname`,
    HostsPath: `${paths.data}/hosts`,
    LogPath: config.log.driver === 'none' ? '' : paths.log,
    Name: `/${config.name}`,
    RestartCount: state.restartCount,
    Driver: 'overlayfs',
    Platform: 'linux',
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: config.security.apparmor ?? '',
    ExecIDs: null,
    HostConfig: inspectHostConfig(config),
    GraphDriver: { Name: 'overlayfs', Data: { UpperDir: `${paths.data}/diff`, WorkDir: `${paths.data}/work` } },
    Mounts: config.mounts.flatMap((mount) => mountPoint(mount, volumes)),
    Config: processConfig(config),
    NetworkSettings: {
      Ports: running ? portMap(config, network.ports) : {},
      Networks: Object.fromEntries(config.network.endpoints.map((endpoint) => [endpoint.network, endpointSettings(endpoint, network)])),
    },
  };
}

function healthOf({ status, failingStreak, log }: NonNullable<Container['state']['health']>): Json {
  return {
    Status: status,
    FailingStreak: failingStreak,
    Log: log.map(({ start, end, exitCode, output }) => ({ Start: start, End: end, ExitCode: exitCode, Output: output })),
  };
}

function processConfig(config: ContainerConfig): Json {
  const { process, hostname, domainname, image, labels, network, stop, healthcheck, mounts } = config;
  return {
    Hostname: hostname,
    Domainname: domainname,
    User: process.user,
    AttachStdin: process.stdinOnce,
    AttachStdout: true,
    AttachStderr: true,
    ExposedPorts: exposedPorts(network),
    Tty: process.tty,
    OpenStdin: process.stdinOpen,
    StdinOnce: process.stdinOnce,
    Env: process.env,
    Cmd: process.command.length === 0 ? null : process.command,
    Healthcheck: healthcheck === undefined ? undefined : healthcheckConfig(healthcheck),
    Image: image.reference,
    Volumes: anonymousVolumes(mounts),
    WorkingDir: process.cwd,
    Entrypoint: process.entrypoint.length === 0 ? null : process.entrypoint,
    OnBuild: null,
    Labels: labels,
    StopSignal: stop.signal,
    StopTimeout: stop.timeout,
  };
}

function anonymousVolumes(mounts: readonly MountSpec[]): Json | null {
  const targets = mounts.flatMap((mount) => (mount.type === 'volume' && mount.anonymous ? [[mount.target, {}] as const] : []));
  return targets.length === 0 ? null : Object.fromEntries(targets);
}

const NANOSECONDS_PER_MS = 1_000_000;
/** Not shown, as when nobody has set them. */
const DEFAULTS = { interval: 30_000, timeout: 30_000, startPeriod: 0, startInterval: 5_000, retries: 3 };

function healthcheckConfig({
  test,
  interval,
  timeout,
  retries,
  startPeriod,
  startInterval,
}: NonNullable<ContainerConfig['healthcheck']>): Json {
  return {
    Test: test,
    Interval: interval === DEFAULTS.interval ? undefined : interval * NANOSECONDS_PER_MS,
    Timeout: timeout === DEFAULTS.timeout ? undefined : timeout * NANOSECONDS_PER_MS,
    StartPeriod: startPeriod === DEFAULTS.startPeriod ? undefined : startPeriod * NANOSECONDS_PER_MS,
    StartInterval: startInterval === DEFAULTS.startInterval ? undefined : startInterval * NANOSECONDS_PER_MS,
    Retries: retries === DEFAULTS.retries ? undefined : retries,
  };
}

function mountPoint(mount: MountSpec, volumes: ReadonlyMap<string, VolumeRecord>): readonly Json[] {
  const { target, readOnly } = mount;
  const base = { Destination: target, Mode: readOnly ? 'ro' : '', RW: !readOnly };
  switch (mount.type) {
    case 'bind':
      return [{ Type: 'bind', Source: mount.source, ...base, Propagation: mount.propagation }];
    case 'volume': {
      const volume = volumes.get(mount.volume);
      const source = volume?.mountpoint ?? '';
      return [{ Type: 'volume', Name: mount.volume, Source: source, ...base, Driver: volume?.driver ?? 'local', Propagation: '' }];
    }
    case 'tmpfs':
      return [{ Type: 'tmpfs', Source: '', ...base, Propagation: '' }];
    case 'image':
      return [{ Type: 'image', Source: '', ...base, Propagation: '' }];
    case 'content':
      return [];
  }
}

function portMap(config: ContainerConfig, ports: readonly PublishedPort[]): Json {
  const map: Record<string, Json[] | null> = Object.fromEntries(config.network.exposed.map((port) => [port, null]));
  for (const { hostIp, hostPort, containerPort, protocol } of ports) {
    const key = `${String(containerPort)}/${protocol}`;
    map[key] = [...(map[key] ?? []), { HostIp: hostIp, HostPort: String(hostPort) }];
  }
  return map;
}

/** What is published is exposed, too. */
function exposedPorts({ exposed, ports }: ContainerConfig['network']): Json | undefined {
  const all = [...exposed, ...ports.map(({ containerPort, protocol }) => `${containerPort}/${protocol}`)].toSorted();
  return all.length === 0 ? undefined : Object.fromEntries(all.map((port) => [port, {}]));
}

function endpointSettings(wish: ContainerConfig['network']['endpoints'][number], network: Container['network']): Json {
  const observed = network.endpoints.find((endpoint) => endpoint.network === wish.network);
  return {
    IPAMConfig:
      wish.ipv4Address === undefined && wish.ipv6Address === undefined
        ? null
        : { IPv4Address: wish.ipv4Address ?? '', IPv6Address: wish.ipv6Address ?? '' },
    Links: wish.links.length === 0 ? null : wish.links,
    Aliases: wish.aliases,
    MacAddress: observed?.macAddress ?? wish.macAddress ?? '',
    DriverOpts: wish.driverOpts,
    GwPriority: wish.gwPriority,
    NetworkID: observed?.networkId ?? '',
    EndpointID: '',
    Gateway: observed?.ipv4Gateway ?? '',
    IPAddress: observed?.ipv4Address ?? '',
    IPPrefixLen: observed?.ipv4PrefixLength ?? 0,
    IPv6Gateway: observed?.ipv6Gateway ?? '',
    GlobalIPv6Address: observed?.ipv6Address ?? '',
    GlobalIPv6PrefixLen: observed?.ipv6PrefixLength ?? 0,
    DNSNames: observed?.aliases ?? [],
  };
}
