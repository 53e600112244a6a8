import { formatScalar } from '../format-scalar.ts';
import { isMapping, type Value } from '../tree.ts';
import { int, list, text, type Kind } from './decode.ts';
import { splitCommand } from './split-command.ts';
import { byCode } from '../output/key-order.ts';

/** Names and texts, from a mapping or from `NAME=VALUE` lines; sorted. */
function pairs(value: Value): [string, Value | undefined][] | undefined {
  let entries: [string, Value | undefined][];
  if (isMapping(value)) entries = Object.entries(value);
  else if (Array.isArray(value)) entries = value.map((entry) => splitPair(formatScalar(entry)));
  else return undefined;
  return [...new Map(entries)].sort(([a], [b]) => byCode(a, b));
}

function splitPair(entry: string): [string, string | undefined] {
  const equals = entry.indexOf('=');
  return equals === -1 ? [entry, undefined] : [entry.slice(0, equals), entry.slice(equals + 1)];
}

const keyed =
  (empty: string | null): Kind =>
  (value, decoder) => {
    if (value === null) return undefined;
    const entries = pairs(value);
    if (entries === undefined) {
      decoder.fail('must be a mapping or a list');
      return;
    }
    if (entries.length === 0) return undefined;
    return Object.fromEntries(entries.map(([key, item]) => [key, item === null || item === undefined ? empty : formatScalar(item)]));
  };

export const stringMap: Kind = keyed('');
/** As `stringMap`, for keys whose schema lets any value pass. */
export const optionMap: Kind = (value, decoder) => {
  for (const [name, item] of isMapping(value) ? Object.entries(value) : []) {
    if (typeof item === 'boolean' || (typeof item === 'object' && item !== null)) decoder.fail(`${name} must be a string`);
  }
  return stringMap(value, decoder);
};
export const environment: Kind = (value, decoder) => {
  const decoded = keyed(null)(value, decoder);
  for (const name of Object.keys(decoded ?? {})) {
    if (/\s$/.test(name)) decoder.fail(`environment variable ${name} is declared with a trailing space`);
  }
  return decoded;
};

export const strings: Kind = list((value, decoder) => (value === '' ? '' : text(value, decoder)));

/** A string is split as a shell would; an empty list clears what the image says. */
export const command: Kind = (value, decoder) => {
  if (value === null) return undefined;
  if (Array.isArray(value)) return value.map(formatScalar);
  const line = formatScalar(value);
  const split = splitCommand(line);
  if (split === undefined) {
    decoder.fail(`invalid command line string: a quote or parenthesis is not closed in ${JSON.stringify(line)}`);
    return;
  }
  if (split.cut !== undefined) {
    decoder.warn(`the command ends at ${JSON.stringify(split.cut)}, because no shell runs it`, 'write ["sh", "-c", "..."] for a shell');
  }
  return split.words;
};

export const healthTest: Kind = (value) => {
  if (value === null) return undefined;
  if (!Array.isArray(value)) return ['CMD-SHELL', formatScalar(value)];
  return value.length === 0 ? undefined : value.map(formatScalar);
};

/** `host=address`, sorted. */
export const extraHosts: Kind = (value, decoder) => {
  if (value === null) return undefined;
  const hosts = new Map<string, string[]>();
  const add = (host: string, addresses: readonly string[]): void => {
    if (host === '') decoder.fail(`an additional host has no name: write NAME=${addresses.join()}`);
    hosts.set(host, [...(hosts.get(host) ?? []), ...addresses.map((address) => address.replace(/^\[(.*)\]$/, '$1'))]);
  };
  if (isMapping(value)) {
    for (const [host, addresses] of Object.entries(value)) {
      add(host, Array.isArray(addresses) ? addresses.map(formatScalar) : [formatScalar(addresses)]);
    }
  } else if (Array.isArray(value)) {
    for (const entry of value) {
      const line = formatScalar(entry);
      const at = line.includes('=') ? line.indexOf('=') : line.indexOf(':');
      if (at === -1) {
        decoder.fail(`invalid additional host, missing address: ${line}`);
        return;
      }
      add(line.slice(0, at), line.slice(at + 1).split(','));
    }
  } else {
    decoder.fail('must be a mapping or a list');
    return;
  }
  const lines = [...hosts].flatMap(([host, addresses]) => addresses.map((address) => `${host}=${address}`));
  return hosts.size > 0 ? lines.sort() : undefined;
};

/** `id` or `id=path`. */
export const sshKeys: Kind = (value, decoder) => {
  if (!isMapping(value)) return strings(value, decoder);
  const keys = Object.keys(value).sort();
  const lines = keys.map((id) => (value[id] === null ? id : `${id}=${formatScalar(value[id])}`));
  return lines.length > 0 ? lines : undefined;
};

/** Octal digits behind a zero. */
export const fileMode: Kind = (value, decoder) => {
  if (value === null) return undefined;
  const bits = typeof value === 'string' ? (/^(0o?)?[0-7]+$/.test(value) ? parseInt(value.replace('o', ''), 8) : NaN) : Number(value);
  if (!Number.isInteger(bits) || bits < 0) {
    decoder.fail(`${JSON.stringify(value)} is not a file mode`);
    return;
  }
  return `0${bits.toString(8)}`;
};

export const deviceCount: Kind = (value, decoder) => {
  if (value === 'all') return -1;
  return int(value, decoder);
};

/** A number stands for both limits. */
export const ulimit: Kind = (value, decoder) => {
  if (!isMapping(value)) return Number(int(value, decoder) ?? 0);
  const single = value['single'];
  if (single !== undefined) return Number(int(single, decoder) ?? 0);
  return {
    soft: decoder.decode(int, value['soft'] ?? null, 'soft') ?? 0,
    hard: decoder.decode(int, value['hard'] ?? null, 'hard') ?? 0,
  };
};

/** As `ulimit`; variables are not made numbers here. */
export const buildUlimit: Kind = (value, decoder) =>
  typeof value === 'string' ? decoder.fail(`must be a number, not ${JSON.stringify(value)}`) : ulimit(value, decoder);

/** Every option of a provider is a list. */
export const multiOptions: Kind = (value) => {
  if (!isMapping(value)) return undefined;
  const entries = Object.keys(value)
    .sort()
    .map((key) => {
      const option = value[key] ?? null;
      return [key, (Array.isArray(option) ? option : [option]).map(formatScalar)] as const;
    });
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
};
