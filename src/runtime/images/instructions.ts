import { posix } from 'node:path';
import { MydockerError } from '../../errors.ts';
import { checkedSignal } from '../../model/signals.ts';
import type { RunConfig } from '../store/image-records.ts';
import { expandWord, expandWords, splitWords, type Lookup } from './shell-words.ts';

/** The instructions of a Dockerfile that change nothing but the image's config: `--change` knows these. */
const CONFIG_INSTRUCTIONS = [
  'CMD',
  'ENTRYPOINT',
  'ENV',
  'EXPOSE',
  'HEALTHCHECK',
  'LABEL',
  'ONBUILD',
  'STOPSIGNAL',
  'USER',
  'VOLUME',
  'WORKDIR',
] as const;
export type ConfigInstruction = (typeof CONFIG_INSTRUCTIONS)[number];

const DEFAULT_SHELL: readonly string[] = ['/bin/sh', '-c'];

export interface InstructionContext {
  /** Values of variables; the config's own environment counts where it has none. */
  readonly lookup?: Lookup;
  /** A CMD was given in this build: a later ENTRYPOINT does not drop it. */
  readonly cmdGiven?: boolean;
}

export function isConfigInstruction(keyword: string): keyword is ConfigInstruction {
  return (CONFIG_INSTRUCTIONS as readonly string[]).includes(keyword);
}

/** The changes of `commit --change` and `import --change`, in order. */
export function applyChanges(config: RunConfig, changes: readonly string[]): RunConfig {
  let result = config;
  let cmdGiven = false;
  for (const change of changes) {
    const { keyword, rest } = splitInstruction(change);
    if (!isConfigInstruction(keyword)) {
      throw new MydockerError('invalid', `${keyword} is not a valid change instruction`, {
        resource: `--change ${JSON.stringify(change)}`,
        hint: `Possible are ${CONFIG_INSTRUCTIONS.join(', ')}.`,
      });
    }
    if (rest === '') throw new MydockerError('invalid', `${keyword} needs an argument`);
    result = applyInstruction(result, keyword, rest, { cmdGiven });
    if (keyword === 'CMD') cmdGiven = true;
  }
  return result;
}

function splitInstruction(line: string): { keyword: string; rest: string } {
  const match = /^\s*(\S+)\s*([\s\S]*?)\s*$/.exec(line);
  return { keyword: (match?.[1] ?? '').toUpperCase(), rest: match?.[2] ?? '' };
}

/** The config after one instruction; `rest` is what follows the keyword, continuation lines joined. */
export function applyInstruction(config: RunConfig, keyword: ConfigInstruction, rest: string, context: InstructionContext = {}): RunConfig {
  if (rest === '' && keyword !== 'CMD' && keyword !== 'ENTRYPOINT') throw new MydockerError('invalid', `${keyword} needs an argument`);
  const environment = new Map((config.Env ?? []).map((pair) => splitPair(pair)));
  const lookup: Lookup = (name) => context.lookup?.(name) ?? environment.get(name);
  switch (keyword) {
    case 'CMD':
      return { ...config, Cmd: [...commandOf(rest, config)] };
    case 'ENTRYPOINT':
      return { ...config, Entrypoint: [...commandOf(rest, config)], ...(context.cmdGiven === true ? {} : { Cmd: null }) };
    case 'ENV':
      return { ...config, Env: mergeEnvironment(config.Env ?? [], parsePairs(keyword, rest, lookup)) };
    case 'LABEL':
      return { ...config, Labels: { ...config.Labels, ...Object.fromEntries(parsePairs(keyword, rest, lookup)) } };
    case 'EXPOSE':
      return { ...config, ExposedPorts: { ...config.ExposedPorts, ...flagsOf(expandWords(rest, lookup).flatMap(portsOf)) } };
    case 'VOLUME':
      return { ...config, Volumes: { ...config.Volumes, ...flagsOf(volumesOf(rest, lookup)) } };
    case 'USER':
      return { ...config, User: expandWord(rest, lookup) };
    case 'WORKDIR':
      return {
        ...config,
        WorkingDir: posix.resolve(config.WorkingDir === '' ? '/' : (config.WorkingDir ?? '/'), expandWord(rest, lookup)),
      };
    case 'STOPSIGNAL':
      return { ...config, StopSignal: stopSignalOf(expandWord(rest, lookup)) };
    case 'HEALTHCHECK':
      return { ...config, Healthcheck: parseHealthcheck(rest) };
    case 'ONBUILD':
      return { ...config, OnBuild: [...(config.OnBuild ?? []), checkedTrigger(rest)] };
  }
}

function stopSignalOf(text: string): string {
  checkedSignal(text);
  return text;
}

/** A JSON array of strings, or undefined when the text is none. */
export function parseExecForm(text: string): readonly string[] | undefined {
  if (!text.startsWith('[')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The exec form as it is, the shell form below the image's shell. */
export function commandOf(text: string, config: RunConfig): readonly string[] {
  return parseExecForm(text) ?? shellCommand(text, config);
}

export function shellCommand(text: string, config: RunConfig): readonly string[] {
  return [...(config.Shell ?? DEFAULT_SHELL), text];
}

/** Later values take the place of earlier ones; the order stays. */
export function mergeEnvironment(base: readonly string[], changes: readonly (readonly [string, string])[]): string[] {
  const merged = new Map([...base.map((pair) => splitPair(pair)), ...changes]);
  return [...merged].map(([name, value]) => `${name}=${value}`);
}

/** `K=V K2="a b"`, or the old form `K all the rest`. */
function parsePairs(keyword: string, text: string, lookup: Lookup): readonly (readonly [string, string])[] {
  const words = splitWords(text);
  const first = words[0] ?? '';
  if (!first.includes('=')) {
    const match = /^(\S+)\s+([\s\S]+)$/.exec(text);
    if (match === null) throw new MydockerError('invalid', `${keyword} must have two arguments, or NAME=VALUE: ${text}`);
    return [[expandWord(match[1] ?? '', lookup), expandWord(match[2] ?? '', lookup)]];
  }
  return words.map((word) => {
    const equals = word.indexOf('=');
    if (equals < 0) throw new MydockerError('invalid', `cannot find = in ${JSON.stringify(word)}; must be of the form NAME=VALUE`);
    const name = expandWord(word.slice(0, equals), lookup);
    if (name === '') throw new MydockerError('invalid', `${keyword} names can not be blank`);
    return [name, expandWord(word.slice(equals + 1), lookup)];
  });
}

function splitPair(pair: string): readonly [string, string] {
  const equals = pair.indexOf('=');
  return equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
}

function flagsOf(names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, {}]));
}

function volumesOf(text: string, lookup: Lookup): readonly string[] {
  const volumes = parseExecForm(text)?.map((path) => expandWord(path, lookup)) ?? expandWords(text, lookup);
  if (volumes.length === 0) throw new MydockerError('invalid', 'VOLUME needs an argument');
  if (volumes.some((path) => path === '')) throw new MydockerError('invalid', 'VOLUME specified can not be an empty string');
  return volumes;
}

function portsOf(text: string): readonly string[] {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp|sctp))?$/i.exec(text);
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? first);
  if (match === null || first > last || last > 65535 || first < 1) {
    throw new MydockerError('invalid', `EXPOSE ${text}: not PORT[-PORT][/tcp|udp|sctp]`);
  }
  const protocol = (match[3] ?? 'tcp').toLowerCase();
  return Array.from({ length: last - first + 1 }, (_, index) => `${String(first + index)}/${protocol}`);
}

function checkedTrigger(text: string): string {
  const { keyword } = splitInstruction(text);
  if (['ONBUILD', 'FROM', 'MAINTAINER'].includes(keyword)) {
    throw new MydockerError('invalid', `${keyword} isn't allowed as an ONBUILD trigger`);
  }
  return text;
}

const HEALTH_FLAGS: Readonly<Record<string, string>> = {
  interval: 'Interval',
  timeout: 'Timeout',
  'start-period': 'StartPeriod',
  'start-interval': 'StartInterval',
  retries: 'Retries',
};

function parseHealthcheck(text: string): NonNullable<RunConfig['Healthcheck']> {
  const values: Record<string, number> = {};
  let rest = text;
  for (;;) {
    const match = /^--([a-z-]+)=(\S+)\s*/.exec(rest);
    if (match === null) break;
    const [whole, flag = '', value = ''] = match;
    const key = HEALTH_FLAGS[flag];
    if (key === undefined) throw new MydockerError('invalid', `HEALTHCHECK: unknown flag --${flag}`);
    values[key] = flag === 'retries' ? parseCount(value) : parseDuration(value);
    rest = rest.slice(whole.length);
  }
  const { keyword, rest: command } = splitInstruction(rest);
  if (keyword === 'NONE' && command === '') return { Test: ['NONE'] };
  if (keyword !== 'CMD' || command === '') throw new MydockerError('invalid', `HEALTHCHECK must be NONE or CMD with a command: ${text}`);
  const exec = parseExecForm(command);
  return { Test: exec === undefined ? ['CMD-SHELL', command] : ['CMD', ...exec], ...values };
}

function parseCount(text: string): number {
  if (!/^\d+$/.test(text)) throw new MydockerError('invalid', `--retries=${text} is not a number`);
  return Number(text);
}

const UNITS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };

/** Go's duration, e.g. `1m30s`, in nanoseconds. */
export function parseDuration(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([whole]) => whole).join('') !== text) {
    throw new MydockerError('invalid', `${JSON.stringify(text)} is not a duration like 1m30s`);
  }
  return parts.reduce((sum, [, amount = '0', unit = 's']) => sum + Number(amount) * (UNITS[unit] ?? 0), 0);
}
