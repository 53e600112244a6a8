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
  /** Sockets of ssh agents, by id. */
  readonly agents: ReadonlyMap<string, string>;
  readonly cwd: string;
  /** The folder of a stage, a named context, or (empty) the build context. */
  folderOf(reference: string): Promise<string>;
}

export interface RunMount {
  readonly mounts: readonly MountSpec[];
  /** `NAME=value`, for the program alone. */
  readonly environment: readonly string[];
}

/** The `index`th `RUN --mount=type=…,…` as a mount of the container; nothing for a secret or agent that is not there and not required. */
export async function runMount(text: string, index: number, sources: MountSources, lookup: Lookup): Promise<RunMount> {
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
      const writable = isOn(option('rw', 'readwrite')) || option('ro', 'readonly') === 'false';
      return only(bind(source, target, !writable));
    }
    case 'cache': {
      const id = option('id') ?? target;
      const source = join(sources.caches, createHash('sha256').update(id).digest('hex'));
      if (!existsSync(source)) {
        await mkdir(source, { recursive: true });
        await chmod(source, number('mode', 0o755, 8));
        await chown(source, number('uid', 0), number('gid', 0));
      }
      return only(bind(source, target, isOn(option('ro', 'readonly'))));
    }
    case 'tmpfs': {
      const size = parseByteSize(option('size') ?? '0') ?? 0;
      return only({ type: 'tmpfs', target, readOnly: false, size, mode: 0o1777, uid: 0, gid: 0, options: [] });
    }
    case 'secret':
      return secretMount(option('id') ?? (option('env') === undefined ? posix.basename(target) : (option('env') ?? '')), {
        target: option('target', 'dst', 'destination'),
        variable: option('env'),
        secrets: sources.secrets,
        required: isOn(option('required')),
        mode: number('mode', 0o400, 8),
        uid: number('uid', 0),
        gid: number('gid', 0),
      });
    case 'ssh':
      return agentMount(option('id') ?? 'default', option('target', 'dst', 'destination') ?? `/run/buildkit/ssh_agent.${String(index)}`, {
        agents: sources.agents,
        required: isOn(option('required')),
      });
    default:
      throw new MydockerError('unsupported', `RUN --mount=type=${type} is not supported`);
  }
}

function isOn(value: string | undefined): boolean {
  return value !== undefined && value !== 'false' && value !== '0';
}

function only(mount: MountSpec): RunMount {
  return { mounts: [mount], environment: [] };
}

const NOTHING: RunMount = { mounts: [], environment: [] };

interface SecretWish {
  readonly target: string | undefined;
  /** The variable it goes to; then a file only where a target is given, too. */
  readonly variable: string | undefined;
  readonly secrets: ReadonlyMap<string, Uint8Array>;
  readonly required: boolean;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

function secretMount(id: string, { target, variable, secrets, required, ...file }: SecretWish): RunMount {
  const content = secrets.get(id);
  if (content === undefined) {
    if (!required) return NOTHING;
    throw new MydockerError('not-found', `the secret ${id} was not given`, { hint: 'Declare it below build.secrets, or give --secret.' });
  }
  const mount: MountSpec = {
    type: 'content',
    target: target ?? `/run/secrets/${id}`,
    readOnly: true,
    content: Buffer.from(content).toString('base64'),
    ...file,
  };
  return {
    mounts: variable !== undefined && target === undefined ? [] : [mount],
    environment: variable === undefined ? [] : [`${variable}=${Buffer.from(content).toString()}`],
  };
}

function agentMount(
  id: string,
  target: string,
  { agents, required }: { readonly agents: ReadonlyMap<string, string>; readonly required: boolean },
): RunMount {
  const socket = agents.get(id);
  if (socket !== undefined) return { mounts: [bind(socket, target, false)], environment: [`SSH_AUTH_SOCK=${target}`] };
  if (!required) return NOTHING;
  throw new MydockerError('not-found', `the ssh agent ${id} was not given`, { hint: 'Declare it below build.ssh, or give --ssh.' });
}

function bind(source: string, target: string, readOnly: boolean): MountSpec {
  return { type: 'bind', source, target, readOnly, propagation: 'rprivate', recursive: true, createSource: false };
}
