import { MydockerError } from '../../errors.ts';
import type { ContainerConfig } from '../../model/container.ts';
import type { RuntimeContext } from '../context.ts';
import { controlRequest } from '../core/control-client.ts';
import type { Fields } from '../core/frame.ts';
import type { ContainerAccess } from '../networks/change-endpoints.ts';
import { shortId } from '../store/ids.ts';
import { observeState } from './read-state.ts';
import type { ContainerRecords } from './records.ts';
import { whileThere } from './while-there.ts';

/** Containers as the networks see them. */
export function containerAccess(context: RuntimeContext, records: ContainerRecords): ContainerAccess {
  const read = (id: string): ContainerConfig => {
    const config = records.read(id);
    if (config === undefined) throw new MydockerError('not-found', `no such container: ${id}`);
    return config;
  };
  return {
    find: (reference) => Promise.resolve(read(records.resolve(reference))),
    nameOf(id) {
      try {
        return records.read(id)?.name ?? shortId(id);
      } catch {
        return shortId(id); // a broken record: its id is all there is to tell
      }
    },
    async changeNetwork(reference, change) {
      const id = records.resolve(reference);
      const paths = records.paths(id);
      const changed = async (): Promise<void> => {
        const config = read(id);
        const { state } = observeState(paths, id);
        const network = await change(config, ['running', 'paused', 'restarting'].includes(state.status));
        await records.write({ ...config, network });
      };
      await whileThere(paths, reference, () => context.locks.withLock(paths.lock, changed));
    },
    async control(id: string, op: string, fields: Fields) {
      await controlRequest(records.paths(id).run, op, fields);
    },
  };
}
