import { readFile } from 'node:fs/promises';
import { parseEnv } from 'node:util';
import { resolve } from 'node:path';
import { MydockerError } from '../../../errors.ts';
import type { VolumeDefinition } from '../../../model/project.ts';
import type { PortMapping, Service, ServiceVolume } from '../../../model/service.ts';
import type { Desired } from '../../../plan/desired.ts';
import { reasonOf } from '../../../util/errno.ts';
import { splitWords } from '../../../util/split-words.ts';

/** Flags of `run` that say something else than the service. */
export interface RunOverrides {
  readonly capAdd?: readonly string[];
  readonly capDrop?: readonly string[];
  readonly entrypoint?: string;
  readonly env?: readonly string[];
  readonly envFromFile?: readonly string[];
  readonly interactive: boolean;
  readonly label?: readonly string[];
  /** false for -T. */
  readonly TTY?: boolean;
  readonly publish?: readonly string[];
  readonly servicePorts?: boolean;
  readonly user?: string;
  readonly volume?: readonly string[];
  readonly workdir?: string;
  /** Spellings of earlier versions. */
  readonly volumes?: readonly string[];
  readonly labels?: readonly string[];
}

interface OneOff {
  readonly service: Service;
  /** Named volumes that only the flags mention, by name. */
  readonly volumes: Readonly<Record<string, VolumeDefinition>>;
}

/** The service as `run` wants it. */
export async function overrideService(
  service: Service,
  args: readonly string[],
  options: RunOverrides,
  tty: boolean,
  { workingDir, project }: Desired,
): Promise<OneOff> {
  const { container_name: _, ports, restart: __, ...rest } = service;
  const extra = [...(options.volume ?? []), ...(options.volumes ?? [])].map((text) => volumeFlag(text, process.cwd()));
  const targets = new Set(extra.map(({ target }) => target));
  const named = extra.flatMap(({ type, source }) =>
    type === 'volume' && source !== undefined && project.volumes?.[source] === undefined ? [[source, { name: source }] as const] : [],
  );
  return {
    volumes: Object.fromEntries(named),
    service: {
      ...rest,
      tty,
      stdin_open: options.interactive,
      ...(args.length > 0 ? { command: args } : options.entrypoint === undefined ? {} : { command: [] }),
      ...(options.entrypoint === undefined ? {} : { entrypoint: splitWords(options.entrypoint) }),
      ...(options.user === undefined ? {} : { user: options.user }),
      ...(options.workdir === undefined ? {} : { working_dir: options.workdir }),
      environment: {
        ...service.environment,
        ...(await fromFiles(options.envFromFile ?? [], workingDir)),
        ...keyValues((options.env ?? []).map(checkedVariable), (key) => process.env[key] ?? null),
      },
      labels: { ...service.labels, ...keyValues([...(options.label ?? []), ...(options.labels ?? [])], () => '') },
      cap_add: [...(service.cap_add ?? []), ...(options.capAdd ?? [])],
      cap_drop: [...(service.cap_drop ?? []), ...(options.capDrop ?? [])],
      volumes: [...(service.volumes ?? []).filter(({ target }) => !targets.has(target)), ...extra],
      ports: [...(options.servicePorts === true ? (ports ?? []) : []), ...(options.publish ?? []).flatMap(portFlag)],
    },
  };
}

async function fromFiles(files: readonly string[], workingDir: string): Promise<Readonly<Record<string, string>>> {
  const merged: Record<string, string> = {};
  for (const file of files) {
    try {
      Object.assign(merged, parseEnv(await readFile(resolve(workingDir, file), 'utf8')));
    } catch (cause) {
      throw new MydockerError('invalid', `cannot read the environment file ${file}: ${reasonOf(cause)}`, { cause });
    }
  }
  return merged;
}

function keyValues<T extends string | null>(words: readonly string[], without: (key: string) => T): Readonly<Record<string, string | T>> {
  return Object.fromEntries(
    words.map((word): readonly [string, string | T] => {
      const split = word.indexOf('=');
      return split < 0 ? [word, without(word)] : [word.slice(0, split), word.slice(split + 1)];
    }),
  );
}

/** `SOURCE:TARGET[:ro]`; a source with a slash, a dot or a tilde in front is a path. */
function volumeFlag(text: string, cwd: string): ServiceVolume {
  const [first = '', second, mode = '', ...rest] = text.split(':');
  if (first === '' || second === '' || rest.length > 0) {
    throw new MydockerError('usage', `--volume: ${text}: an empty or a superfluous part`, { hint: 'write SOURCE:TARGET[:ro]' });
  }
  if (!(second ?? first).startsWith('/')) throw new MydockerError('usage', `--volume: ${text}: the target must be absolute`);
  if (second === undefined) return { type: 'volume', target: first };
  const common = { target: second, ...(mode.split(',').includes('ro') ? { read_only: true } : {}) };
  if (!/^[./~]/.test(first)) return { type: 'volume', source: first, ...common };
  const source = first.startsWith('~') ? `${process.env['HOME'] ?? ''}${first.slice(1)}` : resolve(cwd, first);
  return { type: 'bind', source, bind: { create_host_path: true }, ...common };
}

/** `[HOST_IP:][PUBLISHED:]TARGET[/PROTOCOL]`. */
function portFlag(text: string): readonly PortMapping[] {
  const match = /^(?:(?:(\[[^\]]+\]|[\d.]+):)?(\d*(?:-\d+)?):)?(\d+)(?:-(\d+))?(?:\/(tcp|udp|sctp))?$/.exec(text);
  if (match === null) throw new MydockerError('usage', `--publish: ${text} is not a port mapping`);
  const [, ip, published = '', first = '', last = first, protocol = 'tcp'] = match;
  const start = published === '' ? undefined : Number(published.split('-')[0]);
  return Array.from({ length: Number(last) - Number(first) + 1 }, (_, offset) => ({
    mode: 'ingress',
    target: Number(first) + offset,
    protocol,
    ...(ip === undefined ? {} : { host_ip: ip.replace(/[[\]]/g, '') }),
    ...(start === undefined ? {} : { published: String(start + offset) }),
  }));
}

function checkedVariable(text: string): string {
  if (text.startsWith('=')) throw new MydockerError('usage', `invalid environment variable: ${text}`, { hint: 'write NAME=VALUE' });
  return text;
}
