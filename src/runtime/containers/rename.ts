import { MydockerError } from '../../errors.ts';
import type { ContainerConfig } from '../../model/container.ts';
import { controlRequest, NoSupervisorError } from '../core/control-client.ts';
import { checkName } from '../store/names.ts';
import { storeLock } from '../volumes/volume-store.ts';
import type { ContainerServices } from './services.ts';
import { withContainer } from './start.ts';

/** The record is the truth about a name; the index entries before and after it are made so that a crash leaves one that counts. */
export async function renameContainer(services: ContainerServices, id: string, name: string): Promise<void> {
  const { records, context } = services;
  checkName(name, 'container');
  await withContainer(services, id, async (config) => {
    if (config.name === name) throw new MydockerError('invalid', `the container has the name ${JSON.stringify(name)} already`);
    await context.locks.withLock(storeLock(context), async () => {
      records.names.reserve(name, id, (holder) => records.bears(holder, name));
      await records.write({ ...config, name });
    });
    await tellSupervisor(services, { ...config, name });
    records.names.release(config.name, id);
    const attributes = { ...config.labels, image: config.image.reference, oldName: `/${config.name}`, name };
    context.events.append({ type: 'container', action: 'rename', id, attributes });
  });
}

/** A running container is found by its new name at once, and its events carry it. */
async function tellSupervisor({ records, networks }: ContainerServices, config: ContainerConfig): Promise<void> {
  try {
    await controlRequest(records.paths(config.id).run, 'update', [['name', config.name]]);
    if (config.namespaces.network.kind === 'private') await networks.renamed(config);
  } catch (error) {
    if (!(error instanceof NoSupervisorError)) throw error;
  }
}
