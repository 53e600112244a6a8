import { existsSync, writeFileSync } from 'node:fs';
import { MydockerError } from '../../../errors.ts';
import type { MountSpec } from '../../../model/container.ts';
import { isForPlatform, parsePlatform } from '../../../model/platform.ts';
import type { Image } from '../../../model/runtime.ts';
import type { MydockerRuntime } from '../../../runtime/runtime.ts';
import { proxyVariables } from '../../../runtime/proxy-variables.ts';
import { writeErr } from '../../../util/stdio.ts';
import { pullReporter } from '../pull-reporter.ts';
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
  checkIdFile(flags.cidfile);
  const image = await imageFor(runtime, reference, flags);
  const inherited = await inheritedMounts(runtime, flags.volumesFrom);
  const proxies = proxyVariables((message) => writeErr(`warning: ${message}\n`));
  for (const link of flags.link) await runtime.containers.get(link.split(':', 1)[0] ?? link);
  for (let attempt = 0; ; attempt += 1) {
    const name = flags.name === undefined || flags.name === '' ? randomName(attempt) : flags.name;
    try {
      const id = await runtime.containers.create(draftOf(flags, { name, reference, image, command, inherited, proxies }));
      if (flags.cidfile !== undefined) writeFileSync(flags.cidfile, id, { flag: 'wx' });
      return id;
    } catch (error) {
      const taken = error instanceof MydockerError && error.code === 'conflict' && flags.name === undefined;
      if (!taken || attempt === NAME_ATTEMPTS) throw error;
    }
  }
}

/** An id must not take the place of another one's, nor of any other file. */
function checkIdFile(path: string | undefined): void {
  if (path === undefined || !existsSync(path)) return;
  throw new MydockerError('usage', `container ID file found: ${path}`, {
    exitStatus: 125,
    hint: 'Make sure the other container is not running, or delete the file.',
  });
}

async function imageFor(
  runtime: MydockerRuntime,
  reference: string,
  { pull = 'missing', quiet = false, platform }: RunFlags,
): Promise<Image> {
  if (!['missing', 'never', 'always'].includes(pull)) {
    throw new MydockerError('usage', `invalid --pull ${JSON.stringify(pull)}: missing, never or always`, { exitStatus: 125 });
  }
  const wish = platform === undefined ? {} : { platform: parsePlatform(platform) };
  const here = pull === 'always' ? undefined : await runtime.images.get(reference);
  if (here !== undefined && (platform === undefined || isForPlatform(here, platform))) return here;
  if (pull === 'never' && here !== undefined) throw noSuchImage(`${reference} for the platform ${platform ?? ''}`);
  if (pull === 'never') throw noSuchImage(reference);
  const say = (line: string): void => {
    if (!quiet) writeErr(`${line}\n`);
  };
  if (pull === 'missing') say(`Unable to find image '${reference}' locally`);
  try {
    await runtime.images.pull(reference, { ...wish, onProgress: pullReporter(say) });
  } catch (error) {
    if (error instanceof MydockerError) throw noSuchImage(reference, error);
    throw error;
  }
  const pulled = await runtime.images.get(reference);
  if (pulled === undefined) throw noSuchImage(reference);
  return pulled;
}

function noSuchImage(reference: string, cause?: MydockerError): MydockerError {
  return new MydockerError('not-found', `no such image: ${reference}${cause === undefined ? '' : `: ${cause.message}`}`, {
    exitStatus: 125,
    hint: 'See mydocker images; import, load or pull it first.',
    cause,
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
