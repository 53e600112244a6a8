import { MydockerError } from '../errors.ts';
import type { Project } from '../model/project.ts';
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

/** Throws everything that cannot be honoured; returns what is left out and deserves a warning. Wrong values are the loader's to refuse. */
export function checkServices(project: Project, names: readonly string[]): readonly string[] {
  const { services } = project;
  const problems: MydockerError[] = [];
  const warnings: string[] = [];
  for (const name of names) {
    const service = services[name];
    if (service === undefined) continue;
    const refuse = (key: string, message: string): void => {
      problems.push(new MydockerError('unsupported', message, { resource: `services.${name}.${key}` }));
    };
    for (const key of unsupportedKeys(service)) {
      if (key.refuse) refuse(key.key, `${key.key} is not supported`);
      else warnings.push(`services.${name}.${key.key} is not supported and is ignored`);
    }
    warnings.push(...ignoredOwners(project, name, service));
    if (hasDeviceReservations(service)) refuse('deploy.resources.reservations.devices', 'reserving devices is not supported');
  }
  const [first] = problems;
  if (first !== undefined)
    throw problems.length === 1 ? first : new MydockerError('several', `${String(problems.length)} problems`, { problems });
  return warnings;
}

function unsupportedKeys(service: Service): typeof UNSUPPORTED {
  return UNSUPPORTED.filter(({ key, unless }) => service[key] !== undefined && unless?.includes(service[key]) !== true);
}

/** A file of the host is bound as it is: only a copy could have another owner. */
function ignoredOwners(project: Project, name: string, service: Service): readonly string[] {
  return (['configs', 'secrets'] as const).flatMap((kind) =>
    (service[kind] ?? []).flatMap(({ source, uid, gid, mode }) => {
      if (project[kind]?.[source]?.file === undefined || (uid ?? gid ?? mode) === undefined) return [];
      return [`services.${name}.${kind}: uid, gid and mode of ${source} are ignored, its file keeps those that it has on the host`];
    }),
  );
}

function hasDeviceReservations({ deploy }: Service): boolean {
  return (deploy?.resources?.reservations?.devices ?? []).length > 0;
}
