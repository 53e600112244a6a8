import type { BlkioDevice, ContainerConfig, MountSpec } from '../../model/container.ts';
import { MASKED_PATHS, READONLY_PATHS } from './default-mounts.ts';
import { namespaceText } from './namespace-text.ts';

type Json = Readonly<Record<string, unknown>>;

/** The part of `inspect` that Docker calls HostConfig. */
export function inspectHostConfig(config: ContainerConfig): Json {
  const { namespaces, network, security, process, restart, log, mounts } = config;
  return {
    Binds: bindsOf(mounts),
    ContainerIDFile: '',
    LogConfig: { Type: log.driver, Config: logConfig(log) },
    NetworkMode: namespaceText(namespaces.network, network.endpoints[0]?.network ?? 'bridge'),
    PortBindings: portBindings(config),
    RestartPolicy: { Name: restart.name, MaximumRetryCount: restart.maximumRetryCount },
    AutoRemove: config.autoRemove,
    VolumeDriver: '',
    VolumesFrom: null,
    ConsoleSize: [0, 0],
    CapAdd: orNull(security.capAdd),
    CapDrop: orNull(security.capDrop),
    CgroupnsMode: namespaceText(namespaces.cgroup, 'private'),
    Dns: network.dns,
    DnsOptions: network.dnsOptions,
    DnsSearch: network.dnsSearch,
    ExtraHosts: orNull(network.extraHosts),
    GroupAdd: orNull(process.groupAdd),
    IpcMode: namespaceText(namespaces.ipc, 'private'),
    Cgroup: '',
    Links: null,
    OomScoreAdj: process.oomScoreAdj,
    PidMode: namespaceText(namespaces.pid, ''),
    Privileged: security.privileged,
    PublishAllPorts: false,
    ReadonlyRootfs: config.readonlyRootfs,
    SecurityOpt: securityOptions(config),
    Tmpfs: tmpfsOf(mounts),
    UTSMode: namespaceText(namespaces.uts, ''),
    UsernsMode: '',
    ShmSize: config.shmSize,
    Sysctls: config.sysctls,
    Runtime: 'mydocker',
    Isolation: '',
    ...resourcesOf(config),
    Mounts: mounts.filter((mount) => mount.type === 'volume' && mount.subpath !== ''),
    MaskedPaths: security.maskSystemPaths && !security.privileged ? MASKED_PATHS : null,
    ReadonlyPaths: security.maskSystemPaths && !security.privileged ? READONLY_PATHS : null,
    Init: config.init,
    StorageOpt: undefined,
    Annotations: undefined,
  };
}

function orNull<T>(list: readonly T[]): readonly T[] | null {
  return list.length === 0 ? null : list;
}

function bindsOf(mounts: readonly MountSpec[]): readonly string[] | null {
  return orNull(
    mounts.flatMap((mount) => {
      const suffix = mount.readOnly ? ':ro' : '';
      if (mount.type === 'bind') return [`${mount.source}:${mount.target}${suffix}`];
      return mount.type === 'volume' && !mount.anonymous ? [`${mount.volume}:${mount.target}${suffix}`] : [];
    }),
  );
}

function tmpfsOf(mounts: readonly MountSpec[]): Json {
  return Object.fromEntries(
    mounts.flatMap((mount) =>
      mount.type === 'tmpfs'
        ? [[mount.target, [...mount.options, ...(mount.size > 0 ? [`size=${String(mount.size)}`] : [])].join(',')]]
        : [],
    ),
  );
}

function logConfig({ driver, maxSize, maxFile, options }: ContainerConfig['log']): Json {
  if (options !== undefined) return options;
  if (driver === 'none' || maxSize === 0) return {};
  return { 'max-size': String(maxSize), 'max-file': String(maxFile) };
}

function portBindings({ network }: ContainerConfig): Json {
  const bindings: Record<string, Json[]> = {};
  for (const { containerPort, protocol, hostIp, hostPort, hostPortEnd } of network.ports) {
    const key = `${String(containerPort)}/${protocol}`;
    const port = hostPort === 0 ? '' : String(hostPort);
    const text = hostPortEnd === undefined ? port : `${port}-${String(hostPortEnd)}`;
    bindings[key] = [...(bindings[key] ?? []), { HostIp: hostIp, HostPort: text }];
  }
  return bindings;
}

function securityOptions({ security }: ContainerConfig): readonly string[] | null {
  return orNull([
    ...(security.seccomp === 'default' ? [] : [`seccomp=${security.seccomp}`]),
    ...(security.apparmor === undefined ? [] : [`apparmor=${security.apparmor}`]),
    ...(security.noNewPrivileges ? ['no-new-privileges'] : []),
    ...(security.maskSystemPaths ? [] : ['systempaths=unconfined']),
  ]);
}

function resourcesOf({ resources, devices, process }: ContainerConfig): Json {
  const blkio = (kind: BlkioDevice['kind'], key: string): readonly Json[] | null =>
    orNull(
      (resources.blkioDevices ?? []).filter((device) => device.kind === kind).map(({ path, value }) => ({ Path: path, [key]: value })),
    );
  return {
    CpuShares: resources.cpuShares ?? 0,
    Memory: resources.memory ?? 0,
    NanoCpus: resources.nanoCpus ?? 0,
    CgroupParent: resources.cgroupParent ?? '',
    BlkioWeight: resources.blkioWeight ?? 0,
    BlkioWeightDevice: blkio('weight', 'Weight'),
    BlkioDeviceReadBps: blkio('read_bps', 'Rate'),
    BlkioDeviceWriteBps: blkio('write_bps', 'Rate'),
    BlkioDeviceReadIOps: blkio('read_iops', 'Rate'),
    BlkioDeviceWriteIOps: blkio('write_iops', 'Rate'),
    CpuPeriod: resources.cpuPeriod ?? 0,
    CpuQuota: resources.cpuQuota ?? 0,
    CpuRealtimePeriod: resources.cpuRtPeriod ?? 0,
    CpuRealtimeRuntime: resources.cpuRtRuntime ?? 0,
    CpusetCpus: resources.cpusetCpus ?? '',
    CpusetMems: resources.cpusetMems ?? '',
    Devices: devices.map(({ hostPath, containerPath, permissions }) => ({
      PathOnHost: hostPath,
      PathInContainer: containerPath,
      CgroupPermissions: permissions,
    })),
    DeviceCgroupRules: orNull(resources.deviceCgroupRules ?? []),
    DeviceRequests: null,
    MemoryReservation: resources.memoryReservation ?? 0,
    MemorySwap: memorySwapOf(resources),
    MemorySwappiness: resources.memorySwappiness ?? null,
    OomKillDisable: resources.oomKillDisable ?? null,
    PidsLimit: resources.pidsLimit ?? null,
    Ulimits: process.ulimits.map(({ name, soft, hard }) => ({ Name: name, Hard: hard, Soft: soft })),
    CpuCount: 0,
    CpuPercent: 0,
    IOMaximumIOps: 0,
    IOMaximumBandwidth: 0,
  };
}

/** What was not said is twice the memory limit, and shown so. */
function memorySwapOf({ memory = 0, memorySwap = 0 }: ContainerConfig['resources']): number {
  return memorySwap !== 0 ? memorySwap : memory > 0 ? memory * 2 : 0;
}
