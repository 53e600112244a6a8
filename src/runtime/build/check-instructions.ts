import { MydockerError } from '../../errors.ts';
import { parseByteSize } from '../../util/byte-size.ts';
import { applyInstruction, isConfigInstruction, parseExecForm, type ConfigInstruction } from '../images/instructions.ts';
import { splitWords } from '../images/shell-words.ts';
import type { Instruction } from './dockerfile-lines.ts';

/** Flags by instruction: whether they take a word, may come again, or are on and off. */
const FLAGS: Readonly<Record<string, Readonly<Record<string, 'word' | 'many' | 'switch'>>>> = {
  FROM: { platform: 'word' },
  RUN: { mount: 'many', network: 'word', security: 'word' },
  COPY: { from: 'word', chown: 'word', chmod: 'word', link: 'switch', exclude: 'many', parents: 'switch' },
  ADD: {
    chown: 'word',
    chmod: 'word',
    link: 'switch',
    exclude: 'many',
    'keep-git-dir': 'switch',
    checksum: 'word',
    unpack: 'switch',
  },
};

/** What makes a Dockerfile none, whatever is built of it: told before the first step, also for stages that are not built. Throws `invalid`. */
export function checkInstructions(instructions: readonly Instruction[], file: string): void {
  for (const instruction of instructions) {
    const { line, keyword, rest } = instruction;
    try {
      checkInstruction(instruction);
    } catch (error) {
      if (!(error instanceof MydockerError)) throw error;
      throw new MydockerError(error.code, error.message, {
        resource: `${keyword} ${rest.split('\n')[0] ?? ''}`.trim(),
        position: { file, line, column: 1 },
        cause: error,
        ...(error.hint === undefined ? {} : { hint: error.hint }),
      });
    }
  }
}

function checkInstruction(instruction: Instruction): void {
  const { keyword, rest, flags } = instruction;
  checkFlags(instruction);
  switch (keyword) {
    case 'FROM':
      return;
    case 'RUN':
      flags.forEach(([name, value]) => {
        checkRunFlag(name, value);
      });
      return;
    case 'COPY':
    case 'ADD':
      if (parseExecForm(rest) === undefined && /^\["[^\]]*\]$/.test(rest))
        throw wrong(`${keyword} ${rest}: no list of strings as JSON has them`);
      if ((parseExecForm(rest) ?? splitWords(rest)).length < 2) throw wrong(`${keyword} requires at least two arguments`);
      return;
    case 'ARG':
      if (rest === '') throw wrong('ARG requires at least one argument');
      if (splitWords(rest).some((word) => word.startsWith('='))) throw wrong('ARG names can not be blank');
      return;
    case 'SHELL':
      shellOf(rest);
      return;
    case 'MAINTAINER':
      if (rest === '') throw wrong('MAINTAINER requires exactly one argument');
      return;
    default:
      if (!isConfigInstruction(keyword)) throw wrong(`unknown instruction: ${keyword}`);
      checkConfig(keyword, rest);
  }
}

/** Values that variables may still change are looked at when their step comes. */
function checkConfig(keyword: ConfigInstruction, rest: string): void {
  // In a stage that is not built, ports and signals do not matter.
  const isFixed = !rest.includes('$') && keyword !== 'EXPOSE' && keyword !== 'STOPSIGNAL';
  if (rest === '' || isFixed || ['ENV', 'LABEL', 'HEALTHCHECK', 'ONBUILD'].includes(keyword)) {
    applyInstruction({}, keyword, rest, { lookup: () => 'x' });
  }
}

function checkFlags({ keyword, flags }: Instruction): void {
  const known = FLAGS[keyword] ?? {};
  const seen = new Set<string>();
  for (const [name, value] of flags) {
    const kind = Object.hasOwn(known, name) ? known[name] : undefined;
    if (kind === undefined) {
      const hint = Object.keys(known).map((flag) => `--${flag}`);
      throw wrong(`unknown flag: --${name}`, `${keyword} has ${hint.join(', ')}`);
    }
    if (seen.has(name) && kind !== 'many') throw wrong(`duplicate flag specified: --${name}`);
    seen.add(name);
    if (kind === 'switch' && !/^(|true|false|\$.*)$/.test(value)) throw wrong(`--${name}=${value}: it is true or false`);
    if (kind !== 'switch' && value === '') throw wrong(`missing a value on flag: --${name}`);
  }
}

function checkRunFlag(name: string, value: string): void {
  if (name === 'mount') checkMount(value);
  else if (name === 'network' && !['default', 'none', 'host'].includes(value))
    throw wrong(`--network=${value}: it is default, none or host`);
  else if (name === 'security' && !['sandbox', 'insecure'].includes(value)) throw wrong(`--security=${value}: it is sandbox or insecure`);
}

const FILES = ['cache', 'secret', 'ssh'];
/** Keys of a mount, and the types that have them; all types have those without. */
const MOUNT_KEYS: Readonly<Record<string, readonly string[] | undefined>> = {
  ...Object.fromEntries(['type', 'from', 'source', 'src', 'target', 'dst', 'destination', 'readonly', 'ro'].map((key) => [key, undefined])),
  ...Object.fromEntries(['readwrite', 'rw', 'id'].map((key) => [key, undefined])),
  required: ['secret', 'ssh'],
  size: ['tmpfs'],
  sharing: ['cache'],
  env: ['secret'],
  mode: FILES,
  uid: FILES,
  gid: FILES,
};

function checkMount(text: string): void {
  const options = mountOptions(text.replaceAll(/["']/g, ''));
  const type = options.find(([key]) => key === 'type')?.[1] ?? 'bind';
  if (!['bind', 'cache', 'tmpfs', 'secret', 'ssh'].includes(type) && !type.includes('$')) {
    throw wrong(`--mount=${text}: unsupported mount type ${JSON.stringify(type)}`, 'it is bind, cache, tmpfs, secret or ssh');
  }
  for (const [key, value] of options) {
    const types = MOUNT_KEYS[key];
    if (!Object.hasOwn(MOUNT_KEYS, key)) throw wrong(`--mount=${text}: unexpected key ${JSON.stringify(key)}`);
    if (types !== undefined && !types.includes(type)) throw wrong(`--mount=${text}: a mount of type ${type} has no ${key}`);
    const problem = value.includes('$') ? undefined : valueProblem(key, value);
    if (problem !== undefined) throw wrong(`--mount=${text}: ${key}: ${JSON.stringify(value)} ${problem}`);
  }
}

/** The keys in lower case, with their values. */
export function mountOptions(text: string): readonly (readonly [key: string, value: string])[] {
  return text.split(',').map((part) => {
    const [key = '', ...value] = part.split('=');
    return [key.trim().toLowerCase(), value.join('=')];
  });
}

function valueProblem(key: string, value: string): string | undefined {
  if (key === 'mode') return /^[0-7]+$/.test(value) ? undefined : 'is no mode in octal digits';
  if (key === 'uid' || key === 'gid') return /^\d+$/.test(value) ? undefined : 'is no number';
  if (key === 'size') return parseByteSize(value) !== undefined ? undefined : 'is no size';
  if (key === 'sharing') return ['shared', 'private', 'locked'].includes(value) ? undefined : 'is not shared, private or locked';
  if (['required', 'readonly', 'ro', 'readwrite', 'rw'].includes(key))
    return /^(|true|false|0|1)$/i.test(value) ? undefined : 'is neither true nor false';
  return undefined;
}

/** The words of a SHELL. Throws `invalid`. */
export function shellOf(rest: string): readonly string[] {
  const shell = parseExecForm(rest);
  if (shell === undefined || shell.length === 0) throw wrong(`SHELL requires the arguments to be in JSON form: ${rest}`);
  return shell;
}

function wrong(message: string, hint?: string): MydockerError {
  return new MydockerError('invalid', message, hint === undefined ? {} : { hint });
}
