import { MydockerError } from '../../errors.ts';
import type { ContainerMove } from '../../model/runtime.ts';
import { checkName } from '../store/names.ts';
import { storeLock } from '../volumes/volume-store.ts';
import type { ContainerServices } from './services.ts';
import { settledState } from './settled-state.ts';
import { withContainer } from './start.ts';

/** One write of the record changes everything; the index entries of the names before and after it are made so that a crash leaves one that counts. */
export async function moveContainer(services: ContainerServices, id: string, move: ContainerMove): Promise<void> {
  const { records, context } = services;
  checkName(move.name, 'container');
  await withContainer(services, id, async (config) => {
    const { state } = await settledState(context, records.paths(id), id);
    if (state.status === 'running' || state.status === 'paused' || state.status === 'restarting') {
      throw new MydockerError('state', `container ${config.name} is ${state.status}`, { hint: 'Stop it first.' });
    }
    await context.locks.withLock(storeLock(context), async () => {
      records.names.reserve(move.name, id, (holder) => records.bears(holder, move.name));
      await records.write({ ...config, ...move });
    });
    if (config.name === move.name) return;
    records.names.release(config.name, id);
    const attributes = { ...move.labels, image: config.image.reference, oldName: `/${config.name}`, name: move.name };
    context.events.append({ type: 'container', action: 'rename', id, attributes });
  });
}
