import type { BlkioDevice, DeviceSpec, ResourceLimits } from '../model/container.ts';
import type { BlkioConfig, Service } from '../model/service.ts';

/** Limits: `deploy.resources` first, then the service's own keys. */
export function draftResources(service: Service): ResourceLimits {
  const limits = service.deploy?.resources?.limits;
  const reservations = service.deploy?.resources?.reservations;
  const cpus = limits?.cpus ?? service.cpus;
  return compact({
    memory: bytes(limits?.memory ?? service.mem_limit),
    memorySwap: bytes(service.memswap_limit),
    memoryReservation: bytes(reservations?.memory ?? service.mem_reservation),
    memorySwappiness: service.mem_swappiness === undefined ? undefined : Number(service.mem_swappiness),
    oomKillDisable: service.oom_kill_disable,
    nanoCpus: cpus === undefined || cpus === 0 ? undefined : Math.round(cpus * 1e9),
    cpuShares: nonZero(service.cpu_shares),
    cpuQuota: nonZero(service.cpu_quota),
    cpuPeriod: nonZero(service.cpu_period),
    cpuRtRuntime: nonZero(service.cpu_rt_runtime),
    cpuRtPeriod: nonZero(service.cpu_rt_period),
    cpusetCpus: service.cpuset === '' ? undefined : service.cpuset,
    pidsLimit: nonZero(limits?.pids ?? service.pids_limit),
    blkioWeight: nonZero(service.blkio_config?.weight),
    blkioDevices: service.blkio_config === undefined ? undefined : blkioDevices(service.blkio_config),
    deviceCgroupRules: service.device_cgroup_rules,
    cgroupParent: service.cgroup_parent,
  });
}

export function draftDevices(service: Service): readonly DeviceSpec[] {
  return (service.devices ?? []).map(({ source, target, permissions }) => ({
    hostPath: source,
    containerPath: target ?? source,
    permissions: permissions ?? 'rwm',
  }));
}

function bytes(text: string | undefined): number | undefined {
  return text === undefined ? undefined : nonZero(Number(text));
}

function nonZero(value: number | undefined): number | undefined {
  return value === 0 ? undefined : value;
}

function blkioDevices(config: BlkioConfig): readonly BlkioDevice[] {
  const rates = (kind: BlkioDevice['kind'], list: BlkioConfig['device_read_bps']): readonly BlkioDevice[] =>
    (list ?? []).map(({ path, rate }) => ({ kind, path, value: Number(rate) }));
  return [
    ...(config.weight_device ?? []).map(({ path, weight }) => ({ kind: 'weight' as const, path, value: weight ?? 0 })),
    ...rates('read_bps', config.device_read_bps),
    ...rates('read_iops', config.device_read_iops),
    ...rates('write_bps', config.device_write_bps),
    ...rates('write_iops', config.device_write_iops),
  ];
}

type Defined<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

function compact<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Defined<T>;
}
