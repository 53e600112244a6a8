import { existsSync, mkdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, normalize } from 'node:path';
import { MydockerError } from '../../errors.ts';
import { errnoOf, reasonOf } from '../../util/errno.ts';
import type { ContainerConfig, MountSpec } from '../../model/container.ts';
import type { ContainerDraft } from '../../model/runtime.ts';
import { sysctlProblem } from '../../model/sysctls.ts';
import { checkedSignal } from '../../model/signals.ts';
import { newId, shortId } from '../store/ids.ts';
import { writeJson } from '../store/json-file.ts';
import { isOfBuild } from '../store/builder-label.ts';
import { checkName } from '../store/names.ts';
import { SEALS } from '../store/seal.ts';
import { removeTrashed, trashName } from '../store/trash.ts';
import { storeLock } from '../volumes/volume-store.ts';
import { fillVolume } from '../volumes/fill-volume.ts';
import { checkProcessors } from './check-processors.ts';
import { capabilitiesOf } from './capabilities.ts';
import { cgroupParentOf, limitWrites } from './cgroup-plan.ts';
import type { ContainerServices } from './services.ts';
import { unfinishedName } from './unfinished.ts';

/**
 * Makes a container: its folder under a name that only those look at who remove volumes or layers, then its volumes, and as the
 * last step the rename that makes it exist. Cut off before that, nothing is there but an unfinished folder, which `sweepUnfinished` removes.
 */
export async function createContainer(services: ContainerServices, draft: ContainerDraft): Promise<string> {
  const { context } = services;
  const id = draft.id ?? newId();
  checkDraft(draft);
  services.cgroups.moveCore().catch(() => undefined); // a start, which may follow, tells
  const config: ContainerConfig = {
    ...draft,
    version: 1,
    id,
    created: new Date().toISOString(),
    hostname: draft.hostname === '' ? defaultHostname(services, draft, id) : draft.hostname,
    mounts: draft.mounts.map((mount) => (mount.type === 'volume' && mount.volume === '' ? { ...mount, volume: newId() } : mount)),
  };
  const folder = join(context.roots.data, 'containers', unfinishedName(id));
  try {
    await makeFolder(folder, config);
    while (!(await finish(services, config, folder))) continue;
  } catch (error) {
    await discard(services, config, folder);
    throw error;
  }
  await context.syncs.sync(join(context.roots.data, 'containers'));
  context.events.append({
    type: 'container',
    action: 'create',
    id,
    attributes: { ...config.labels, image: config.image.reference, name: config.name },
  });
  return id;
}

async function makeFolder(folder: string, config: ContainerConfig): Promise<void> {
  mkdirSync(folder, { mode: 0o755 });
  mkdirSync(join(folder, 'diff'), { mode: 0o755 });
  // By this file many programs know that they are in a container, as Docker makes it.
  writeFileSync(join(folder, 'diff', '.dockerenv'), '', { mode: 0o755 });
  mkdirSync(join(folder, 'work'), { mode: 0o700 });
  await writeJson(join(folder, 'config.json'), config, { seal: SEALS.container });
}

/**
 * False when it has to be done again: a command removed a volume that looked before the record was there. None that looks
 * from now on does, so this comes to an end.
 */
async function finish(services: ContainerServices, config: ContainerConfig, folder: string): Promise<boolean> {
  const { context, records } = services;
  await makeVolumes(services, config);
  try {
    await fillVolumes(services, config);
  } catch (error) {
    if (hasVolumes(services, config)) throw error;
    return false;
  }
  return context.locks.withLock(storeLock(context), () => {
    records.names.reserve(config.name, config.id, (holder) => records.bears(holder, config.name));
    checkLayers(services, config);
    if (!hasVolumes(services, config)) return Promise.resolve(false);
    renameSync(folder, records.paths(config.id).data);
    return Promise.resolve(true);
  });
}

/** What there is of a container that could not be made. */
async function discard({ context, records }: ContainerServices, { id, name }: ContainerConfig, folder: string): Promise<void> {
  records.names.release(name, id);
  if (!existsSync(folder)) return;
  const trashed = trashName(id);
  renameSync(folder, join(context.roots.data, 'trash', trashed));
  await removeTrashed(context, trashed);
}

function defaultHostname({ records }: ContainerServices, { namespaces }: ContainerDraft, id: string): string {
  if (namespaces.uts.kind === 'host' || namespaces.network.kind === 'host') return hostname();
  if (namespaces.network.kind !== 'container') return shortId(id);
  return records.read(records.resolve(namespaces.network.container))?.hostname ?? shortId(id);
}

/** What can be known to fail before anything is made. */
function checkDraft(draft: ContainerDraft): void {
  checkName(draft.name, 'container');
  if (draft.process.args.length === 0) {
    throw new MydockerError('invalid', 'no command specified', { hint: 'The image has none either: write one after the image.' });
  }
  if (draft.process.cwd !== '' && !draft.process.cwd.startsWith('/')) {
    throw new MydockerError('invalid', `the working directory ${JSON.stringify(draft.process.cwd)} is not an absolute path`);
  }
  const targets = new Set<string>();
  for (const mount of draft.mounts) {
    const target = checkedTarget(mount.target);
    if (targets.has(target)) throw new MydockerError('invalid', `duplicate mount point: ${target}`);
    targets.add(target);
    checkSource(mount);
  }
  checkedSignal(draft.stop.signal);
  checkNamespaces(draft);
  checkProcessors(draft.resources);
  capabilitiesOf(draft.security);
  cgroupParentOf(draft.resources);
  limitWrites(
    { ...draft.resources, blkioDevices: [] },
    { host: { v1: new Map(), v2: undefined }, blockDevices: new Map(), cpusetCpus: '', cpusetMems: '' },
    '',
  );
}

function checkNamespaces({ hostname: name, namespaces: { network, ipc, uts }, sysctls }: ContainerDraft): void {
  if (uts.kind === 'host' && name !== '') {
    throw new MydockerError('invalid', 'conflicting options: hostname and the UTS mode', {
      hint: 'In the uts namespace of the host the hostname is that of the host.',
    });
  }
  for (const sysctl of Object.keys(sysctls)) {
    const problem = sysctlProblem(sysctl, { network: network.kind, ipc: ipc.kind, uts: uts.kind });
    if (problem !== undefined) throw new MydockerError('refused', problem);
  }
}

function checkedTarget(target: string): string {
  if (!target.startsWith('/')) throw new MydockerError('invalid', `the mount target ${JSON.stringify(target)} is not an absolute path`);
  const clean = normalize(target).replace(/(?<=.)\/$/, '');
  if (clean === '/') throw new MydockerError('invalid', `the mount target ${JSON.stringify(target)} is the container's root`);
  return clean;
}

function checkSource(mount: MountSpec): void {
  if (mount.type === 'volume') {
    if (mount.volume !== '') checkName(mount.volume, 'volume');
    if (mount.subpath.startsWith('/') || mount.subpath.split('/').includes('..')) {
      throw new MydockerError('invalid', `the subpath ${JSON.stringify(mount.subpath)} of volume ${mount.volume} leads outside of it`);
    }
  }
  if (mount.type === 'bind' && !mount.createSource) checkBindSource(mount.source);
}

export function checkBindSource(source: string): void {
  if (!source.startsWith('/')) throw new MydockerError('invalid', `the bind source ${JSON.stringify(source)} is not an absolute path`);
  try {
    statSync(source);
  } catch (cause) {
    const missing = ['ENOENT', 'ENOTDIR'].includes(errnoOf(cause));
    const message = missing ? `bind source path does not exist: ${source}` : `bind source ${source} cannot be used: ${reasonOf(cause)}`;
    throw new MydockerError('invalid', message, { cause, hint: 'Make it first, or check the path.' });
  }
}

async function makeVolumes({ volumes }: ContainerServices, { mounts }: ContainerConfig): Promise<void> {
  for (const mount of mounts) {
    if (mount.type !== 'volume') continue;
    await volumes.create({ name: mount.volume, anonymous: mount.anonymous, ...ownDriver(volumes, mount.volume) });
  }
}

async function fillVolumes({ volumes, context, layerFolder }: ContainerServices, { mounts, image }: ContainerConfig): Promise<void> {
  const layers = image.layers.map(layerFolder);
  for (const mount of mounts) {
    if (mount.type !== 'volume') continue;
    const access = volumes.access(mount.volume);
    if (mount.nocopy || mount.subpath !== '' || access.kind !== 'folder' || access.path !== volumes.dataFolder(mount.volume)) continue;
    await fillVolume(context, access.path, layers, mount.target);
  }
}

/** A volume that is there keeps its driver; asking for another one would be refused. */
function ownDriver(volumes: ContainerServices['volumes'], name: string): { driver?: string } {
  const found = volumes.find(name);
  return found === undefined ? {} : { driver: found.driver.name };
}

/** Nobody may have removed the image meanwhile; since the record was written it counts as used. */
function checkLayers({ layerFolder, blobFile }: ContainerServices, { image, labels }: ContainerConfig): void {
  const layer = image.layers.find((digest) => !existsSync(layerFolder(digest)));
  // What a build goes on from is no image yet.
  const missing = layer ?? (isOfBuild(labels) || existsSync(blobFile(image.id)) ? undefined : image.id);
  if (missing !== undefined) {
    throw new MydockerError('not-found', `no such image: ${image.reference}: its part ${missing} is not there`, {
      hint: 'Load or import the image again.',
    });
  }
}

function hasVolumes({ volumes }: ContainerServices, { mounts }: ContainerConfig): boolean {
  return mounts.every((mount) => mount.type !== 'volume' || volumes.find(mount.volume) !== undefined);
}
