import { writeFileSync } from 'node:fs';
import { MydockerError } from '../../../errors.ts';
import type { MountSpec } from '../../../model/container.ts';
import type { Image } from '../../../model/runtime.ts';
import type { MydockerRuntime } from '../../../runtime/runtime.ts';
import { draftOf } from './draft.ts';
import type { RunFlags } from './flags.ts';
import { randomName } from './random-name.ts';

const NAME_ATTEMPTS = 6;

/** Makes the container that `run` or `create` asks for; returns its id. */
export async function createFromFlags(
  runtime: MydockerRuntime,
  flags: RunFlags,
  reference: string,
  command: readonly string[],
): Promise<string> {
  const image = await imageFor(runtime, reference);
  const inherited = await inheritedMounts(runtime, flags.volumesFrom);
  for (let attempt = 0; ; attempt += 1) {
    const name = flags.name ?? randomName(attempt);
    try {
      const id = await runtime.containers.create(draftOf(flags, { name, reference, image, command, inherited }));
      if (flags.cidfile !== undefined) writeFileSync(flags.cidfile, id, { flag: 'wx' });
      return id;
    } catch (error) {
      const taken = error instanceof MydockerError && error.code === 'conflict' && flags.name === undefined;
      if (!taken || attempt === NAME_ATTEMPTS) throw error;
    }
  }
}

async function imageFor(runtime: MydockerRuntime, reference: string): Promise<Image> {
  const image = await runtime.images.get(reference);
  if (image !== undefined) return image;
  throw new MydockerError('not-found', `no such image: ${reference}`, {
    exitStatus: 125,
    hint: 'See mydocker images; import or load it first.',
  });
}

/** `--volumes-from NAME[:ro]`. */
async function inheritedMounts(runtime: MydockerRuntime, sources: readonly string[]): Promise<readonly MountSpec[]> {
  const mounts: MountSpec[] = [];
  for (const source of sources) {
    const [name = '', mode] = source.split(':');
    const { config } = await runtime.containers.get(name);
    for (const mount of config.mounts) {
      if (mount.type === 'volume' || mount.type === 'bind') mounts.push({ ...mount, readOnly: mode === 'ro' || mount.readOnly });
    }
  }
  return mounts;
}
