import { existsSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { MydockerError } from '../../errors.ts';
import type { ContainerConfig } from '../../model/container.ts';
import { controlRequest } from '../core/control-client.ts';
import type { Fields } from '../core/frame.ts';
import { CoreError, textOf } from '../core/reply.ts';
import { removeTrashed, sweepTrash, trashName } from '../store/trash.ts';
import { isAlive } from '../store/process-times.ts';
import { storeLock } from '../volumes/volume-store.ts';
import type { ContainerServices } from './services.ts';
import { observeState, type ObservedState } from './read-state.ts';
import { settledState } from './settled-state.ts';
import { cgroupFolders, clearCgroups, sweepAbandoned } from './sweep.ts';
import { parseUnfinished } from './unfinished.ts';

export interface RemoveOptions {
  readonly force?: boolean;
  readonly volumes?: boolean;
}

/** Removes a container: out of sight in one step (a rename into the trash), then its bytes. Not an error when it is gone. */
export async function removeContainer(services: ContainerServices, id: string, options: RemoveOptions = {}): Promise<void> {
  const { context, records } = services;
  const paths = records.paths(id);
  if (!existsSync(paths.data)) return;
  const remove = async (): Promise<void> => {
    if (!existsSync(paths.data)) return;
    const config = readForRemoval(services, id, options.force ?? false);
    await discard(services, id, config, options.force ?? false);
    records.names.releaseRest(id, records.ids().length);
    await services.networks.containerRemoved(id);
    if (config !== undefined) {
      const attributes = { ...config.labels, image: config.image.reference, name: config.name };
      context.events.append({ type: 'container', action: 'destroy', id, attributes });
    }
    if (options.volumes === true && config !== undefined) await removeAnonymousVolumes(services, config);
  };
  try {
    await context.locks.withLock(paths.lock, remove);
  } catch (error) {
    // The lock went with the container: another command was faster.
    if (!(error instanceof CoreError && error.errno === 'ENOENT') || existsSync(paths.data)) throw error;
  }
}

/** Takes its files away once it has ended; the core looks whether it has, and only if it has not it is ended here. */
async function discard(services: ContainerServices, id: string, config: ContainerConfig | undefined, force: boolean): Promise<void> {
  const { context, records } = services;
  const paths = records.paths(id);
  const to = join(context.roots.data, 'trash', trashName(id));
  const fields: Fields = [
    ['lock', paths.lock],
    ['idle', paths.supervisorLock],
    ...cgroupFolders(services.cgroups.host, config ?? { id, resources: {} }).map((folder) => ['gone', folder] as const),
    ['tree', paths.run],
    ...(config === undefined ? [] : [['link', records.names.linkOf(config.name)] as const]),
    ['from', paths.data],
    ['to', to],
  ];
  const send = async (): Promise<void> => {
    const left = textOf(await context.core.request('discard', fields), 'left');
    if (left !== '') context.warn(`${to} cannot be removed: ${left}`);
  };
  if (!hasEnded(observeState(paths, id))) await endIt(services, id, config, force);
  try {
    await send();
  } catch (error) {
    if (!(error instanceof CoreError) || !['EAGAIN', 'EBUSY'].includes(error.errno)) throw error;
    await endIt(services, id, config, force);
    await send();
  }
}

function hasEnded({ state, record, abandoned }: ObservedState): boolean {
  return !abandoned && state.supervisorPid === 0 && (record === undefined || !isAlive(record.supervisor));
}

/** What commands that were killed left half made or half removed. */
export async function removeLeftovers(services: ContainerServices): Promise<void> {
  for (const trashed of await sweepUnfinished(services)) await removeTrashed(services.context, trashed);
  await sweepTrash(services.context);
}

/** `force` also removes one whose record is broken: that is the repair the error names. */
function readForRemoval({ records }: ContainerServices, id: string, force: boolean): ContainerConfig | undefined {
  try {
    return records.read(id);
  } catch (error) {
    if (force && error instanceof MydockerError && error.code === 'corrupt') return undefined;
    throw error;
  }
}

async function endIt(services: ContainerServices, id: string, config: ContainerConfig | undefined, force: boolean): Promise<void> {
  const paths = services.records.paths(id);
  const { state, record, abandoned } = await settledState(services.context, paths, id);
  if (record !== undefined && !abandoned && state.supervisorPid > 0) {
    if (!force) {
      throw new MydockerError('conflict', `cannot remove container ${config?.name ?? id}: it is ${state.status}`, {
        hint: 'Stop it first, or remove it with --force.',
      });
    }
    await controlRequest(paths.run, 'stop', [
      ['signal', '9'],
      ['timeout', '0'],
    ]).catch((error: unknown) => {
      if (!(error instanceof MydockerError)) throw error;
    });
  }
  if (record !== undefined) await untilGone(record.supervisor);
  if (abandoned && record !== undefined && config !== undefined) await sweepAbandoned(services, config, paths, record);
  await clearCgroups(services.cgroups.host, config ?? { id, resources: {} });
}

const GONE_TIMEOUT_MS = 10_000;
const GONE_PAUSE_MS = 2;

/** Waits for a supervisor to end after its container has; kills it when it does not. */
export async function untilGone(supervisor: { readonly pid: number; readonly start: number }): Promise<void> {
  const deadline = Date.now() + GONE_TIMEOUT_MS;
  while (isAlive(supervisor)) {
    if (Date.now() > deadline) {
      process.kill(supervisor.pid, 'SIGKILL');
      return;
    }
    await delay(GONE_PAUSE_MS);
  }
}

async function removeAnonymousVolumes({ volumes, context }: ContainerServices, { mounts }: ContainerConfig): Promise<void> {
  for (const mount of mounts) {
    if (mount.type !== 'volume' || !mount.anonymous || volumes.find(mount.volume)?.meta.anonymous !== true) continue;
    try {
      await volumes.remove(mount.volume, { force: true });
    } catch (error) {
      if (!(error instanceof MydockerError)) throw error;
      if (error.code !== 'conflict') context.warn(`volume ${mount.volume}: ${error.message}`);
    }
  }
}

/** Containers whose maker was killed before they existed: into the trash, under the names it returns; their own names are free again. */
async function sweepUnfinished({ context, records }: ContainerServices): Promise<readonly string[]> {
  const root = join(context.roots.data, 'containers');
  const swept: string[] = [];
  for (const name of readdirSync(root)) {
    const unfinished = parseUnfinished(name);
    if (unfinished?.abandoned !== true) continue;
    const trashed = trashName(name.slice(1));
    await context.locks.withLock(storeLock(context), () => {
      records.names.releaseRest(unfinished.id, records.ids().length);
      try {
        renameSync(join(root, name), join(context.roots.data, 'trash', trashed));
        swept.push(trashed);
      } catch {
        // Another command was faster.
      }
      return Promise.resolve();
    });
  }
  return swept;
}
