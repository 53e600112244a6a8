import { MydockerError } from '../errors.ts';
import type { MountPropagation, MountSpec } from '../model/container.ts';
import { parseTmpfsOptions } from '../model/tmpfs-options.ts';
import type { ServiceVolume } from '../model/service.ts';
import type { DraftContext } from './container-draft.ts';
import { fileMounts } from './draft-files.ts';
import { normalTarget } from './normal-target.ts';

/** Every mount, one a target; what comes later in the service wins over what is borrowed or the image's. */
export function draftMounts(context: DraftContext): readonly MountSpec[] {
  const { service, image } = context;
  const mounts = new Map<string, MountSpec>();
  for (const mount of borrowedMounts(context)) mounts.set(mount.target, mount);
  for (const volume of service.volumes ?? []) {
    const mount = draftVolume(context, volume);
    mounts.set(mount.target, mount);
  }
  for (const entry of service.tmpfs ?? []) {
    const mount = draftTmpfs(context, entry);
    mounts.set(mount.target, mount);
  }
  for (const mount of fileMounts(context.desired, context.serviceName, service)) mounts.set(mount.target, mount);
  for (const target of image.config.volumes) {
    const normal = normalTarget(target);
    if (!mounts.has(normal)) mounts.set(normal, anonymousVolume(context, normal));
  }
  return [...mounts.values()];
}

function borrowedMounts(context: DraftContext): readonly MountSpec[] {
  return (context.service.volumes_from ?? []).flatMap((entry) => {
    const external = entry.startsWith('container:');
    const [name = '', mode] = (external ? entry.slice('container:'.length) : entry).split(':');
    const other = external ? context.containerNamed(name) : context.containersOf(name)[0];
    if (other === undefined) {
      throw new MydockerError('not-found', `${external ? 'no such container' : 'no container of service'}: ${name}`, {
        resource: `services.${context.serviceName}.volumes_from`,
      });
    }
    return other.config.mounts
      .filter(({ type }) => type === 'bind' || type === 'volume')
      .map((mount) => (mode === 'ro' ? { ...mount, readOnly: true } : mount));
  });
}

/** Docker Compose hands a long form without `bind` to the engine as a short one. */
export function createsSource({ bind }: ServiceVolume): boolean {
  return bind === undefined || bind.create_host_path === true;
}

function draftVolume(context: DraftContext, volume: ServiceVolume): MountSpec {
  const target = normalTarget(volume.target);
  const readOnly = volume.read_only ?? false;
  switch (volume.type) {
    case 'bind':
      return {
        type: 'bind',
        target,
        readOnly,
        source: volume.source ?? '',
        propagation: (volume.bind?.propagation ?? 'rprivate') as MountPropagation,
        recursive: volume.bind?.recursive !== 'disabled',
        createSource: createsSource(volume),
      };
    case 'volume':
      if (volume.source === undefined || volume.source === '') return { ...anonymousVolume(context, target), readOnly };
      return {
        type: 'volume',
        target,
        readOnly,
        volume: volumeName(context, volume.source),
        anonymous: false,
        nocopy: volume.volume?.nocopy ?? false,
        subpath: volume.volume?.subpath ?? '',
      };
    case 'tmpfs':
      return {
        type: 'tmpfs',
        target,
        readOnly,
        size: Number(volume.tmpfs?.size ?? 0),
        ...(volume.tmpfs?.mode === undefined || volume.tmpfs.mode === 0 ? {} : { mode: volume.tmpfs.mode }),
        uid: 0,
        gid: 0,
        options: [],
      };
    case 'image': {
      const image = context.images.get(volume.source ?? '');
      if (image === undefined) throw new MydockerError('not-found', `no such image: ${volume.source ?? ''}`, where(context, 'volumes'));
      return { type: 'image', target, readOnly: true, layers: image.layers, subpath: volume.image?.subpath ?? '' };
    }
    case 'npipe':
    case 'cluster':
      throw new MydockerError('unsupported', `volumes of type ${volume.type} are not supported`, where(context, 'volumes'));
  }
}

function volumeName(context: DraftContext, key: string): string {
  return context.desired.project.volumes?.[key]?.name ?? key;
}

function anonymousVolume(context: DraftContext, target: string): Extract<MountSpec, { type: 'volume' }> {
  return {
    type: 'volume',
    target,
    readOnly: false,
    volume: context.carriedVolumes.get(target) ?? '',
    anonymous: true,
    nocopy: false,
    subpath: '',
  };
}

/** `/run:size=64m,mode=1770,uid=1000,noexec`. */
function draftTmpfs(context: DraftContext, entry: string): MountSpec {
  const [path = '', text = ''] = entry.split(/:(.*)/s);
  const options = parseTmpfsOptions(text);
  if ('wrong' in options)
    throw new MydockerError('invalid', `invalid tmpfs option ${JSON.stringify(options.wrong)}`, where(context, 'tmpfs'));
  return { type: 'tmpfs', target: normalTarget(path), ...options };
}

function where(context: DraftContext, key: string): { readonly resource: string } {
  return { resource: `services.${context.serviceName}.${key}` };
}
