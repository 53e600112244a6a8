import { existsSync, realpathSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MydockerError } from '../../errors.ts';
import type { ContainerConfig, MountSpec, NamespaceMode } from '../../model/container.ts';
import { errnoOf, reasonOf } from '../../util/errno.ts';
import { withServerAddress } from '../volumes/server-address.ts';
import type { VolumeAccess } from '../volumes/volume-access.ts';
import { checkBindSource } from './create.ts';
import { deviceNodes } from './devices.ts';
import type { AttachWish, LaunchFacts } from './launch-request.ts';
import type { MountSources } from './user-mounts.ts';
import type { PreparedNetwork } from '../networks/prepare-start.ts';
import { linkProcess } from './process-link.ts';
import { observeState } from './read-state.ts';
import type { StateRecord } from '../store/container-record.ts';
import type { ContainerServices } from './services.ts';

/** Gathers what the start request needs to know of the host, and makes bind sources that may be made. */
export async function launchFacts(
  services: ContainerServices,
  config: ContainerConfig,
  network: PreparedNetwork,
  attach: AttachWish | undefined,
): Promise<LaunchFacts> {
  const { context, records } = services;
  const { data, run } = records.paths(config.id);
  const cgroups = services.cgroups.factsForStart(config);
  const filter = await services.seccomp.file(config);
  return {
    paths: { data, run, eventLog: context.events.path },
    cgroups,
    sources: await mountSources(services, config),
    devices: config.security.privileged ? [] : deviceNodes(config.devices),
    namespaces: joinedNamespaces(services, config),
    ...(filter === undefined ? {} : { seccompFile: filter }),
    appArmor: await services.appArmor.choose(config.security),
    networkMounts: network.mounts.map(({ source, target, readOnly }) => ({
      type: 'bind',
      source,
      target,
      options: ['bind', readOnly || config.readonlyRootfs ? 'ro' : 'rw', 'rprivate'],
      create: 'file',
    })),
    networkFields: network.keys,
    ...(attach === undefined ? {} : { attach }),
    shell: [],
  };
}

async function mountSources({ volumes, layerFolder }: ContainerServices, { mounts }: ContainerConfig): Promise<MountSources> {
  const access = new Map<string, VolumeAccess>();
  const files = new Set<string>();
  for (const mount of mounts) {
    if (mount.type === 'volume') {
      const found = volumes.access(mount.volume);
      if (mount.subpath !== '') checkSubpath(found, mount);
      access.set(mount.target, found.kind === 'mount' ? await withServerAddress(found, mount.volume) : found);
      if (found.kind === 'folder') {
        checkVolumeFolder(found.path, mount.volume);
        if (!isFolder(join(found.path, mount.subpath))) files.add(mount.target);
      }
    } else if (mount.type === 'bind') {
      await prepareBindSource(mount);
      if (!isFolder(mount.source)) files.add(mount.target);
    }
  }
  return { volumes: access, files, layerFolders: (diffIds) => diffIds.map(layerFolder) };
}

/** What `driver_opts.device` names is the user's own, and may have gone. */
function checkVolumeFolder(path: string, volume: string): void {
  if (statSync(path, { throwIfNoEntry: false }) !== undefined) return;
  throw new MydockerError('not-found', `volume ${volume}: ${path} does not exist`, {
    hint: 'Make it first, or correct `driver_opts.device` and make the volume anew.',
  });
}

/** For the message alone: a container may change the volume at any moment, so the core itself sees to it that no link leads out. */
function checkSubpath(access: VolumeAccess, { volume, subpath }: Extract<MountSpec, { type: 'volume' }>): void {
  if (access.kind !== 'folder') throw new MydockerError('unsupported', `volume ${volume}: a subpath needs a volume that is a folder`);
  const wish = join(access.path, subpath);
  const real = realPathOf(wish);
  if (real === undefined) {
    throw new MydockerError('not-found', `volume ${volume} has no ${JSON.stringify(subpath)}`, { hint: 'Make it in the volume first.' });
  }
  if (real !== wish && !real.startsWith(`${realpathSync(access.path)}/`)) {
    throw new MydockerError('refused', `${JSON.stringify(subpath)} of volume ${volume} leads to ${real}, outside the volume`);
  }
}

/** Undefined when it is not there, or not any more. */
function realPathOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(errnoOf(error))) return undefined;
    throw error;
  }
}

async function prepareBindSource({ source, createSource }: Extract<MountSpec, { type: 'bind' }>): Promise<void> {
  if (createSource && !existsSync(source)) {
    try {
      await mkdir(source, { recursive: true, mode: 0o755 });
    } catch (cause) {
      throw new MydockerError('host', `the bind source ${source} cannot be made: ${reasonOf(cause)}`, { cause, hint: 'Check the path.' });
    }
  }
  checkBindSource(source);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? true;
}

const KINDS = { network: 'net', pid: 'pid', ipc: 'ipc', uts: 'uts', cgroup: 'cgroup' } as const;

function joinedNamespaces(services: ContainerServices, { namespaces }: ContainerConfig): LaunchFacts['namespaces'] {
  const joined: Partial<Record<keyof typeof KINDS, string>> = {};
  for (const [kind, file] of Object.entries(KINDS) as [keyof typeof KINDS, string][]) {
    const mode: NamespaceMode = namespaces[kind];
    if (mode.kind === 'container') joined[kind] = namespaceOf(services, mode.container, kind, file);
  }
  return joined;
}

function namespaceOf({ records }: ContainerServices, reference: string, kind: string, file: string): string {
  const id = records.resolve(reference);
  const paths = records.paths(id);
  const look = (): StateRecord => {
    const { state, record } = observeState(paths, id);
    if (record !== undefined && state.pid > 0) return record;
    throw new MydockerError('state', `cannot join the ${kind} namespace of ${reference}: it is not running`, { hint: 'Start it first.' });
  };
  linkProcess(paths.processLink, look());
  // Looked at again: from now on its supervisor keeps the link, but before that it may have started it again.
  const record = look();
  linkProcess(paths.processLink, record);
  return `/proc/${String(record.pid)}/ns/${file}|${String(record.pidStart)}|${paths.processLink}`;
}
