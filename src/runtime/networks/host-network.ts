import { textOfFile } from '../../util/text-of-file.ts';
import { readFileSync } from 'node:fs';
import { cidrOf, parseAddress, parseCidr, type Cidr } from '../../util/ip.ts';
import type { Core } from '../core/core.ts';
import { sha256 } from '../../util/sha256.ts';

export interface HostRange {
  readonly subnet: Cidr;
  readonly device: string;
}

/** Ranges the host has routes or addresses in. */
export async function hostRanges(core: Core): Promise<readonly HostRange[]> {
  const reply = await core.request('routes', []);
  return [...rangesOf(reply['routes'], 'dst'), ...rangesOf(reply['addresses'], 'address')];
}

function rangesOf(list: unknown, key: string): HostRange[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((item: Readonly<Record<string, string>>) => {
    const subnet = parseCidr(item[key] ?? '');
    return subnet === undefined ? [] : [{ subnet, device: item['dev'] ?? '' }];
  });
}

export interface HostResolver {
  readonly nameservers: readonly string[];
  readonly search: readonly string[];
  readonly options: readonly string[];
}

export function readHostResolver(path = '/etc/resolv.conf'): HostResolver {
  try {
    return parseResolver(readFileSync(path, 'utf8'));
  } catch {
    return { nameservers: [], search: [], options: [] };
  }
}

/** resolv.conf(5): the last `search` or `domain` counts. */
export function parseResolver(text: string): HostResolver {
  const nameservers: string[] = [];
  const options: string[] = [];
  let search: readonly string[] = [];
  for (const line of text.split('\n')) {
    const [keyword, ...words] = line
      .replace(/[#;].*$/, '')
      .trim()
      .split(/\s+/);
    if (keyword === 'nameserver' && words[0] !== undefined && parseAddress(words[0]) !== undefined) nameservers.push(words[0]);
    if (keyword === 'search') search = words;
    if (keyword === 'domain') search = words.slice(0, 1);
    if (keyword === 'options') options.push(...words);
  }
  return { nameservers, search, options };
}

/** Ranges of the name servers, one address each: a network over one of them would cut the host off from it. */
export function resolverRanges({ nameservers }: HostResolver): readonly Cidr[] {
  return nameservers.flatMap((text) => {
    const address = parseAddress(text);
    return address === undefined ? [] : [cidrOf(address, address.family === 4 ? 32 : 128)];
  });
}

/** This host's own range of unique local addresses (RFC 4193), the same at every start. */
export function localIpv6Range(machineId = textOfFile('/etc/machine-id').trim()): Cidr {
  const base = BigInt(`0xfd${sha256(`mydocker networks\0${machineId}`).slice(0, 10)}`) << 80n;
  return { family: 6, base, prefix: 48 };
}
