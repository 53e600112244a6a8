import { createHash } from 'node:crypto';
import { chmod, chown, mkdir } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { MydockerError } from '../../errors.ts';
import type { MountSpec } from '../../model/container.ts';
import { parseByteSize } from '../../util/byte-size.ts';
import { expandWord, type Lookup } from '../images/shell-words.ts';
import { resolveSource } from './source-files.ts';

/** What `--mount` of a RUN needs of the build. */
export interface MountSources {
  /** Folder below which caches are kept between builds. */
  readonly caches: string;
  readonly secrets: ReadonlyMap<string, Uint8Array>;
  readonly cwd: string;
  /** The folder of a stage, a named context, or (empty) the build context. */
  folderOf(reference: string): Promise<string>;
}

/** `RUN --mount=type=…,…` as a mount of the container; none for a secret that is not there and not required. */
export async function runMount(text: string, sources: MountSources, lookup: Lookup): Promise<readonly MountSpec[]> {
  const options = new Map(
    expandWord(text, lookup)
      .split(',')
      .map((part) => {
        const [key = '', ...value] = part.split('=');
        return [key, value.join('=')];
      }),
  );
  const option = (...names: readonly string[]): string | undefined =>
    names.map((name) => options.get(name)).find((value) => value !== undefined);
  const type = option('type') ?? 'bind';
  const target = posix.resolve('/', sources.cwd, option('target', 'dst', 'destination') ?? '');
  const number = (name: string, fallback: number, radix = 10): number => parseInt(option(name) ?? fallback.toString(radix), radix);
  switch (type) {
    case 'bind': {
      const root = await sources.folderOf(option('from') ?? '');
      const source = join(root, resolveSource(root, option('source', 'src') ?? ''));
      return [bind(source, target, !options.has('rw') && option('readwrite') !== 'true')];
    }
    case 'cache': {
      const id = option('id') ?? target;
      const source = join(sources.caches, createHash('sha256').update(id).digest('hex'));
      if (!existsSync(source)) {
        await mkdir(source, { recursive: true });
        await chmod(source, number('mode', 0o755, 8));
        await chown(source, number('uid', 0), number('gid', 0));
      }
      return [bind(source, target, options.has('ro') || options.has('readonly'))];
    }
    case 'tmpfs': {
      const size = parseByteSize(option('size') ?? '0') ?? 0;
      return [{ type: 'tmpfs', target, readOnly: false, size, mode: 0o1777, uid: 0, gid: 0, options: [] }];
    }
    case 'secret':
      return secretMount(option('id') ?? posix.basename(target), option('target', 'dst', 'destination'), {
        secrets: sources.secrets,
        required: options.has('required') && option('required') !== 'false',
        mode: number('mode', 0o400, 8),
        uid: number('uid', 0),
        gid: number('gid', 0),
      });
    default:
      throw new MydockerError('unsupported', `RUN --mount=type=${type} is not supported`);
  }
}

function secretMount(
  id: string,
  target: string | undefined,
  { secrets, required, ...file }: { secrets: ReadonlyMap<string, Uint8Array>; required: boolean; mode: number; uid: number; gid: number },
): readonly MountSpec[] {
  const content = secrets.get(id);
  if (content !== undefined) {
    return [
      {
        type: 'content',
        target: target ?? `/run/secrets/${id}`,
        readOnly: true,
        content: Buffer.from(content).toString('base64'),
        ...file,
      },
    ];
  }
  if (!required) return [];
  throw new MydockerError('not-found', `the secret ${id} was not given`, { hint: 'Declare it below build.secrets, or give --secret.' });
}

function bind(source: string, target: string, readOnly: boolean): MountSpec {
  return { type: 'bind', source, target, readOnly, propagation: 'rprivate', recursive: true, createSource: false };
}
