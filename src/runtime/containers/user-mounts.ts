import type { ContainerConfig, MountSpec } from '../../model/container.ts';
import type { VolumeAccess } from '../volumes/volume-access.ts';
import type { MountRequest } from './default-mounts.ts';

export interface MountSources {
  /** By mount target. */
  readonly volumes: ReadonlyMap<string, VolumeAccess>;
  /** Whether a bind's source is a file rather than a folder, by mount target. */
  readonly files: ReadonlySet<string>;
  /** Folders of an image's layers, lowest first. */
  readonly layerFolders: (diffIds: readonly string[]) => readonly string[];
}

type ContentMount = Extract<MountSpec, { type: 'content' }>;

export interface UserMounts {
  readonly mounts: readonly MountRequest[];
  readonly contents: readonly ContentMount[];
}

/** The user's mounts and the files of the network that they do not replace, parents before what lies below them. */
export function userMounts(
  config: Pick<ContainerConfig, 'mounts'>,
  sources: MountSources,
  networkMounts: readonly MountRequest[] = [],
): UserMounts {
  const sorted = [...config.mounts].sort((a, b) => depthOf(a.target) - depthOf(b.target));
  const requests = sorted.flatMap((mount) => (mount.type === 'content' ? [] : [mountRequest(mount, sources)]));
  return {
    mounts: [...networkMounts, ...requests].sort((a, b) => depthOf(a.target) - depthOf(b.target)),
    contents: sorted.filter((mount) => mount.type === 'content'),
  };
}

function depthOf(target: string): number {
  return target.split('/').filter(Boolean).length;
}

function mountRequest(mount: Exclude<MountSpec, ContentMount>, sources: MountSources): MountRequest {
  const access = mount.readOnly ? ['ro'] : ['rw'];
  const create = sources.files.has(mount.target) ? 'file' : 'dir';
  switch (mount.type) {
    case 'bind':
      return {
        type: 'bind',
        source: mount.source,
        target: mount.target,
        options: [mount.recursive ? 'rbind' : 'bind', ...access, mount.propagation],
        create,
      };
    case 'volume':
      return volumeRequest(mount, sources.volumes.get(mount.target), access, create);
    case 'tmpfs':
      return { type: 'tmpfs', target: mount.target, options: tmpfsOptions(mount), create: 'dir' };
    case 'image':
      return {
        type: 'overlay',
        target: mount.target,
        options: ['ro'],
        create: 'dir',
        lower: sources.layerFolders(mount.layers),
        ...partOf(mount.subpath),
      };
  }
}

function volumeRequest(
  { target, volume, subpath }: Extract<MountSpec, { type: 'volume' }>,
  access: VolumeAccess | undefined,
  options: readonly string[],
  create: 'dir' | 'file',
): MountRequest {
  if (access === undefined) throw new TypeError(`volume ${volume} of ${target} was not prepared`);
  const allowed = access.kind === 'folder' && access.readOnly === true ? ['ro'] : options;
  return access.kind === 'folder'
    ? { type: 'bind', source: access.path, target, options: ['rbind', ...allowed, 'rprivate'], create, ...partOf(subpath) }
    : {
        type: access.type,
        source: access.source,
        target,
        options: [...access.options, ...options.filter((name) => name === 'ro')],
        create: 'dir',
        hostNetwork: true,
      };
}

function partOf(subpath: string): Pick<MountRequest, 'subpath'> {
  return subpath === '' ? {} : { subpath };
}

/** Docker's defaults, each of which an option of the user's can take back. */
function tmpfsOptions({ size, mode, uid, gid, options, readOnly }: Extract<MountSpec, { type: 'tmpfs' }>): string[] {
  const defaults = [
    ['noexec', 'exec'],
    ['nosuid', 'suid'],
    ['nodev', 'dev'],
  ] as const;
  return [
    ...defaults.filter(([name, opposite]) => !options.includes(name) && !options.includes(opposite)).map(([name]) => name),
    ...options.filter((option) => !['exec', 'suid', 'dev', 'rw'].includes(option)),
    ...(readOnly ? ['ro'] : []),
    ...(size > 0 ? [`size=${String(size)}`] : []),
    ...(mode === undefined ? [] : [`mode=${mode.toString(8)}`]),
    ...(uid === 0 ? [] : [`uid=${String(uid)}`]),
    ...(gid === 0 ? [] : [`gid=${String(gid)}`]),
  ];
}
