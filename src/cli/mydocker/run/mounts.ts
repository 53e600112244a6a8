import { realpathSync } from 'node:fs';
import { isAbsolute, posix, resolve } from 'node:path';
import { MydockerError } from '../../../errors.ts';
import type { MountPropagation, MountSpec } from '../../../model/container.ts';
import { parseTmpfsOptions } from '../../../model/tmpfs-options.ts';
import { bytesOf } from './values.ts';

const PROPAGATIONS: readonly MountPropagation[] = ['rprivate', 'private', 'rshared', 'shared', 'rslave', 'slave'];

function invalid(flag: string, text: string, what: string, hint?: string): MydockerError {
  return new MydockerError('invalid', `invalid ${flag} ${JSON.stringify(text)}: ${what}`, {
    exitStatus: 125,
    ...(hint === undefined ? {} : { hint }),
  });
}

function checkedTarget(flag: string, text: string, target: string): string {
  if (!target.startsWith('/')) throw invalid(flag, text, `the target ${JSON.stringify(target)} is not an absolute path`);
  const clean = posix.normalize(target).replace(/(?<=.)\/$/, '');
  if (clean === '/') throw invalid(flag, text, 'the target must not be the root');
  return clean;
}

/** `-v`: `target`, `source:target` or `source:target:options`. */
export function volumeFlag(text: string): MountSpec {
  const parts = text.split(':');
  if (parts.length > 3 || parts.some((part) => part === '')) throw invalid('--volume', text, 'write [source:]target[:options]');
  const [first = '', second, third = ''] = parts;
  const options = third.split(',').filter(Boolean);
  const target = checkedTarget('--volume', text, second ?? first);
  const readOnly = options.includes('ro') || options.includes('readonly');
  const propagation = PROPAGATIONS.find((name) => options.includes(name)) ?? 'rprivate';
  const unknown = options.find(
    (option) =>
      !['ro', 'rw', 'readonly', 'z', 'Z', 'nocopy', 'cached', 'delegated', 'consistent'].includes(option) &&
      !PROPAGATIONS.some((name) => name === option),
  );
  if (unknown !== undefined) throw invalid('--volume', text, `unknown option ${JSON.stringify(unknown)}`);
  if (second === undefined) return volume(target, '', readOnly, options.includes('nocopy'));
  if (first.startsWith('.') || first.startsWith('~') || isAbsolute(first)) {
    return { type: 'bind', source: resolve(expandHome(first)), target, readOnly, propagation, recursive: true, createSource: true };
  }
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(first)) {
    throw invalid(
      '--volume',
      text,
      `${JSON.stringify(first)} includes invalid characters for a volume name`,
      'For a folder of the host write an absolute path, or one that begins with "./".',
    );
  }
  return volume(target, first, readOnly, options.includes('nocopy'));
}

function expandHome(path: string): string {
  return path.startsWith('~/') ? `${process.env['HOME'] ?? ''}${path.slice(1)}` : path;
}

function volume(target: string, name: string, readOnly: boolean, nocopy: boolean, subpath = ''): MountSpec {
  return { type: 'volume', volume: name, anonymous: name === '', target, readOnly, nocopy, subpath };
}

/** `--mount`: comma-separated `key=value`, with Docker's names and their short forms. */
export function mountFlag(text: string): MountSpec {
  const fields = new Map<string, string>();
  for (const part of splitCsv(text)) {
    const [rawKey = '', ...rest] = part.split('=');
    const key = KEY_ALIASES[rawKey.toLowerCase()] ?? rawKey.toLowerCase();
    if (!KEYS.includes(key)) throw invalid('--mount', text, `unknown key ${JSON.stringify(rawKey)}`);
    if (rest.length === 0 && !FLAG_KEYS.includes(key)) throw invalid('--mount', text, `${rawKey} needs a value`);
    fields.set(key, rest.length === 0 ? 'true' : rest.join('='));
  }
  const target = checkedTarget('--mount', text, fields.get('target') ?? '');
  const readOnly = isTrue(fields.get('readonly'));
  const source = fields.get('source') ?? '';
  switch (fields.get('type') ?? 'volume') {
    case 'volume':
      return volume(target, source, readOnly, isTrue(fields.get('volume-nocopy')), fields.get('volume-subpath') ?? '');
    case 'bind':
      return bindMount(text, source, target, readOnly, fields);
    case 'tmpfs':
      return {
        type: 'tmpfs',
        target,
        readOnly,
        size: fields.has('tmpfs-size') ? bytesOf('--mount tmpfs-size', fields.get('tmpfs-size') ?? '') : 0,
        ...(fields.has('tmpfs-mode') ? { mode: Number.parseInt(fields.get('tmpfs-mode') ?? '', 8) } : {}),
        uid: 0,
        gid: 0,
        options: [],
      };
    default:
      throw invalid('--mount', text, `unknown type ${JSON.stringify(fields.get('type'))}`, 'There are bind, volume and tmpfs.');
  }
}

const KEY_ALIASES: Readonly<Record<string, string>> = { src: 'source', dst: 'target', destination: 'target', ro: 'readonly' };
const KEYS = [
  'type',
  'source',
  'target',
  'readonly',
  'bind-propagation',
  'bind-nonrecursive',
  'bind-recursive',
  'bind-create-src',
  'volume-nocopy',
  'volume-subpath',
  'volume-driver',
  'volume-label',
  'volume-opt',
  'tmpfs-size',
  'tmpfs-mode',
  'consistency',
];
const FLAG_KEYS = ['readonly', 'volume-nocopy', 'bind-nonrecursive', 'bind-create-src'];

function isTrue(value: string | undefined): boolean {
  return value === 'true' || value === '1';
}

function bindMount(text: string, source: string, target: string, readOnly: boolean, fields: ReadonlyMap<string, string>): MountSpec {
  if (source === '') throw invalid('--mount', text, 'a bind needs a source');
  const propagation = fields.get('bind-propagation') ?? 'rprivate';
  const found = PROPAGATIONS.find((name) => name === propagation);
  if (found === undefined) throw invalid('--mount', text, `unknown propagation ${JSON.stringify(propagation)}`);
  return {
    type: 'bind',
    source: realPath(resolve(source)),
    target,
    readOnly,
    propagation: found,
    recursive: !isTrue(fields.get('bind-nonrecursive')) && fields.get('bind-recursive') !== 'disabled',
    createSource: isTrue(fields.get('bind-create-src')),
  };
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path; // told as missing when the container is made
  }
}

/** Fields of a CSV line: quotes keep commas. */
function splitCsv(text: string): readonly string[] {
  return [...text.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
  );
}

/** `--tmpfs`: `target` or `target:options`. */
export function tmpfsFlag(text: string): MountSpec {
  const [path = '', rest = ''] = text.split(/:(.*)/s);
  const options = parseTmpfsOptions(rest);
  if ('wrong' in options) throw invalid('--tmpfs', text, `invalid tmpfs option ${JSON.stringify(options.wrong)}`);
  return { type: 'tmpfs', target: checkedTarget('--tmpfs', text, path), ...options };
}
