import { parseAddress } from '../util/ip.ts';
import { MydockerError, type ErrorCode } from '../errors.ts';
import type { Service } from '../model/service.ts';

/** Keys of the specification that cannot be honoured: with `refuse` the service would not be what its author means. */
const UNSUPPORTED: readonly { readonly key: keyof Service; readonly refuse: boolean; readonly unless?: readonly unknown[] }[] = [
  { key: 'credential_spec', refuse: true },
  { key: 'gpus', refuse: true },
  { key: 'isolation', refuse: true, unless: ['', 'default'] },
  { key: 'models', refuse: true },
  { key: 'provider', refuse: true },
  { key: 'use_api_socket', refuse: true, unless: [false] },
  { key: 'userns_mode', refuse: true, unless: ['', 'host'] },
  { key: 'runtime', refuse: true, unless: ['', 'runc', 'io.containerd.runc.v2', 'mydocker'] },
  { key: 'storage_opt', refuse: false },
  { key: 'cpu_count', refuse: false, unless: [0] },
  { key: 'cpu_percent', refuse: false, unless: [0] },
];

/** Throws everything that is wrong with the services; returns what is left out and deserves a warning. */
export function checkServices(services: Readonly<Record<string, Service>>, names: readonly string[]): readonly string[] {
  const problems: MydockerError[] = [];
  const warnings: string[] = [];
  for (const name of names) {
    const service = services[name];
    if (service === undefined) continue;
    const report = (key: string, message: string, code: ErrorCode = 'invalid'): void => {
      problems.push(new MydockerError(code, message, { resource: `services.${name}.${key}` }));
    };
    for (const key of unsupportedKeys(service)) {
      if (key.refuse) report(key.key, `${key.key} is not supported`, 'unsupported');
      else warnings.push(`services.${name}.${key.key} is not supported and is ignored`);
    }
    if (hasDeviceReservations(service))
      report('deploy.resources.reservations.devices', 'reserving devices is not supported', 'unsupported');
    checkRestart(service, report);
    checkLimits(service, report);
    checkMounts(service, report);
    checkAddresses(service, report);
  }
  const [first] = problems;
  if (first !== undefined)
    throw problems.length === 1 ? first : new MydockerError('several', `${String(problems.length)} problems`, { problems });
  return warnings;
}

type Report = (key: string, message: string, code?: ErrorCode) => void;

function unsupportedKeys(service: Service): typeof UNSUPPORTED {
  return UNSUPPORTED.filter(({ key, unless }) => service[key] !== undefined && unless?.includes(service[key]) !== true);
}

function hasDeviceReservations({ deploy }: Service): boolean {
  return (deploy?.resources?.reservations?.devices ?? []).length > 0;
}

function checkRestart({ restart }: Service, report: Report): void {
  if (restart === undefined || restart === '') return;
  if (!/^(?:no|always|unless-stopped|on-failure(?::\d+)?)$/.test(restart)) {
    report('restart', `invalid restart policy: unknown policy '${restart}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'`);
  }
}

function checkLimits(service: Service, report: Report): void {
  for (const [key, value] of [
    ['cpus', service.cpus],
    ['deploy.resources.limits.cpus', service.deploy?.resources?.limits?.cpus],
    ['cpu_shares', service.cpu_shares],
    ['cpu_period', service.cpu_period],
  ] as const) {
    if (value !== undefined && value < 0) report(key, `${String(value)} is negative`);
  }
  for (const [key, text] of [
    ['mem_limit', service.mem_limit],
    ['mem_reservation', service.mem_reservation],
    ['shm_size', service.shm_size],
  ] as const) {
    if (text !== undefined && !(Number(text) >= 0)) report(key, `${text} is not a size in bytes`);
  }
  const { oom_score_adj: score } = service;
  if (score !== undefined && (score < -1000 || score > 1000)) report('oom_score_adj', `${String(score)} is not between -1000 and 1000`);
}

function checkMounts({ volumes }: Service, report: Report): void {
  for (const [index, { target }] of (volumes ?? []).entries()) {
    if (!target.startsWith('/')) report(`volumes[${String(index)}]`, `invalid mount path: '${target}': mount path must be absolute`);
  }
}

function checkAddresses({ networks }: Service, report: Report): void {
  for (const [name, settings] of Object.entries(networks ?? {})) {
    const { ipv4_address: v4, ipv6_address: v6 } = settings ?? {};
    if (v4 !== undefined && v4 !== '' && parseAddress(v4)?.family !== 4)
      report(`networks.${name}.ipv4_address`, `invalid IPv4 address: ${v4}`);
    if (v6 !== undefined && v6 !== '' && parseAddress(v6)?.family !== 6)
      report(`networks.${name}.ipv6_address`, `invalid IPv6 address: ${v6}`);
  }
}
