import { createHash } from 'node:crypto';
import { chmod, chown, mkdir, rename, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { MydockerError } from '../../errors.ts';
import type { MountSpec } from '../../model/container.ts';
import { errnoOf } from '../../util/errno.ts';
import { randomHex } from '../../util/random.ts';
import { parseByteSize } from '../../util/byte-size.ts';
import { expandWord, type Lookup } from '../images/shell-words.ts';
import type { BindWish } from './bind-sources.ts';
import { mountOptions } from './check-instructions.ts';
import type { AgentAccess } from './agent-socket.ts';

/** What `--mount` of a RUN needs of the build. */
export interface MountSources {
  /** Folder below which caches are kept between builds. */
  readonly caches: string;
  readonly secrets: ReadonlyMap<string, Uint8Array>;
  /** A socket of this ssh agent, for as long as the program runs; undefined when there is none of that id. */
  agents(id: string, access: AgentAccess): Promise<string | undefined>;
  readonly cwd: string;
  /** Where the host has what is to be bound. */
  bound(wish: BindWish): Promise<string>;
  /** What stands for all files of such a folder. */
  keyOf(reference: string): Promise<string>;
  /** Copies what is in one folder of the host to another, as it is. */
  copy(source: string, target: string): Promise<void>;
}

export interface RunMount {
  readonly mounts: readonly MountSpec[];
  /** `NAME=value`, for the program alone. */
  readonly environment: readonly string[];
}

type Option = (...names: readonly string[]) => string | undefined;

function optionsOf(text: string, lookup: Lookup): Option {
  const options = new Map(mountOptions(expandWord(text, lookup)));
  return (...names) => names.map((name) => options.get(name)).find((value) => value !== undefined);
}

/** The bind that a `--mount` is; undefined when it is another type. */
export function bindWish(text: string, lookup: Lookup): BindWish | undefined {
  const option = optionsOf(text, lookup);
  return (option('type') ?? 'bind') === 'bind' ? wishOf(option) : undefined;
}

function wishOf(option: Option): BindWish {
  const writable = isOn(option('rw', 'readwrite')) || option('ro', 'readonly') === 'false';
  return { from: option('from') ?? '', source: option('source', 'src') ?? '', writable };
}

/** The `index`th `RUN --mount=type=…,…` as a mount of the container; nothing for a secret or agent that is not there and not required. */
export async function runMount(text: string, index: number, sources: MountSources, lookup: Lookup): Promise<RunMount> {
  const option = optionsOf(text, lookup);
  const type = option('type') ?? 'bind';
  const target = posix.resolve('/', sources.cwd, option('target', 'dst', 'destination') ?? '');
  const number = (name: string, fallback: number, radix = 10): number => {
    const value = parseInt(option(name) ?? fallback.toString(radix), radix);
    if (Number.isNaN(value)) throw new MydockerError('invalid', `--mount=${text}: ${name}: ${JSON.stringify(option(name))} is no number`);
    return value;
  };
  switch (type) {
    case 'bind': {
      const wish = wishOf(option);
      return only(bind(await sources.bound(wish), target, !wish.writable));
    }
    case 'cache': {
      const id = option('id') ?? target;
      const from = option('from');
      // Begun with other files it is another cache.
      const key = from === undefined ? id : `${id}\0${await sources.keyOf(from)}`;
      const source = join(sources.caches, createHash('sha256').update(key).digest('hex'));
      if (!existsSync(source)) {
        // Made aside: what was cut short must not count as a cache that is filled.
        const part = `${source}.${randomHex(6)}`;
        await mkdir(part, { recursive: true });
        if (from !== undefined) {
          await sources.copy(await sources.bound({ ...wishOf(option), writable: false }), part);
        }
        await chmod(part, number('mode', 0o755, 8));
        await chown(part, number('uid', 0), number('gid', 0));
        await takeOver(part, source);
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
        agents: (agent, access) => sources.agents(agent, access),
        required: isOn(option('required')),
        mode: number('mode', 0o600, 8),
        uid: number('uid', 0),
        gid: number('gid', 0),
      });
    default:
      throw new MydockerError('unsupported', `RUN --mount=type=${type} is not supported`);
  }
}

/** Another build may have made the same cache meanwhile: then that one counts. */
async function takeOver(part: string, source: string): Promise<void> {
  try {
    await rename(part, source);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST'].includes(errnoOf(error))) throw error;
    await rm(part, { recursive: true });
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

async function agentMount(
  id: string,
  target: string,
  { agents, required, ...access }: Pick<MountSources, 'agents'> & { readonly required: boolean } & AgentAccess,
): Promise<RunMount> {
  const socket = await agents(id, access);
  if (socket !== undefined) return { mounts: [bind(socket, target, false)], environment: [`SSH_AUTH_SOCK=${target}`] };
  if (!required) return NOTHING;
  throw new MydockerError('not-found', `the ssh agent ${id} was not given`, { hint: 'Declare it below build.ssh, or give --ssh.' });
}

function bind(source: string, target: string, readOnly: boolean): MountSpec {
  return { type: 'bind', source, target, readOnly, propagation: 'rprivate', recursive: true, createSource: false };
}
