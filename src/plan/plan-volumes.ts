import { MydockerError } from '../errors.ts';
import { COMPOSE_VERSION, LABELS } from '../model/compose-labels.ts';
import type { VolumeDefinition } from '../model/project.ts';
import type { VolumeRecord } from '../model/runtime.ts';
import { PROTECTED_LABEL } from '../model/volume-protection.ts';
import type { UpState } from './up-request.ts';

/** The operation that makes a volume, by its full name. A volume that is there is never touched: it holds data. */
export function planVolumes(state: UpState): ReadonlyMap<string, string> {
  const made = new Map<string, string>();
  for (const key of usedVolumes(state)) {
    const definition = state.desired.project.volumes?.[key];
    if (definition === undefined) continue;
    const existing = state.observed.volumes.get(definition.name);
    if (definition.external === true) {
      if (existing === undefined) {
        throw new MydockerError('not-found', `external volume "${definition.name}" not found`, {
          resource: `volumes.${key}`,
          hint: `make it with \`mydocker volume create ${definition.name}\``,
        });
      }
    } else if (existing === undefined) made.set(definition.name, create(state, key, definition));
    else warnAbout(state, key, existing);
  }
  return made;
}

function usedVolumes({ desired, selected }: UpState): readonly string[] {
  if (desired.allResources === true) return Object.keys(desired.project.volumes ?? {}).sort();
  const keys = selected.flatMap((name) =>
    (desired.project.services[name]?.volumes ?? []).flatMap(({ type, source }) =>
      type === 'volume' && source !== undefined ? [source] : [],
    ),
  );
  return [...new Set(keys)].sort();
}

function create({ desired, list }: UpState, key: string, definition: VolumeDefinition): string {
  return list.add('create-volume', {
    resource: `volume ${definition.name}`,
    cause: 'not there',
    name: definition.name,
    driver: definition.driver ?? 'local',
    driverOpts: definition.driver_opts ?? {},
    labels: {
      ...definition.labels,
      ...(wantsProtection(definition) ? { [PROTECTED_LABEL]: 'true' } : {}),
      [LABELS.project]: desired.project.name,
      [LABELS.volume]: key,
      [LABELS.version]: COMPOSE_VERSION,
      [LABELS.configHash]: desired.volumeHashes[key] ?? '',
    },
  });
}

/** `x-mydocker: {protected: true}` on a volume of the files. */
export function wantsProtection({ 'x-mydocker': extension }: VolumeDefinition): boolean {
  return typeof extension === 'object' && extension !== null && 'protected' in extension && extension.protected === true;
}

function warnAbout({ desired, list }: UpState, key: string, existing: VolumeRecord): void {
  const owner = existing.labels[LABELS.project];
  const hash = existing.labels[LABELS.configHash];
  if (owner === undefined) {
    list.warnings.push(
      `volume "${existing.name}" already exists but was not created by Docker Compose. Use \`external: true\` to use an existing volume`,
    );
  } else if (owner !== desired.project.name) {
    list.warnings.push(
      `volume "${existing.name}" already exists but was created for project "${owner}" (expected "${desired.project.name}"). Use \`external: true\` to use an existing volume`,
    );
  } else if (hash !== undefined && hash !== desired.volumeHashes[key]) {
    list.warnings.push(
      `volumes.${key}: the definition changed, but volume "${existing.name}" holds data and is left as it is; remove it with \`down --volumes\` to have it made anew`,
    );
  }
}
