import { MydockerError } from '../errors.ts';
import type { NetworkRecord } from './runtime.ts';
import { parseAddress } from '../util/ip.ts';

/** What the options of a bridge network say, with Docker's defaults. */
export interface BridgeOptions {
  /** Name of the bridge's interface. */
  readonly bridge: string;
  /** 0 is the kernel's default. */
  readonly mtu: number;
  /** Containers of the network reach each other. */
  readonly icc: boolean;
  readonly masquerade: boolean;
  /** Where ports without an address are published; empty is everywhere. */
  readonly hostBinding: string;
  readonly interfacePrefix: string;
  readonly hostIpv4: string;
  /** The bridge has no address, and containers no default route. */
  readonly inhibitIpv4: boolean;
}

const KEYS = {
  bridge: 'com.docker.network.bridge.name',
  mtu: 'com.docker.network.driver.mtu',
  icc: 'com.docker.network.bridge.enable_icc',
  masquerade: 'com.docker.network.bridge.enable_ip_masquerade',
  hostBinding: 'com.docker.network.bridge.host_binding_ipv4',
  interfacePrefix: 'com.docker.network.container_iface_prefix',
  hostIpv4: 'com.docker.network.host_ipv4',
  inhibitIpv4: 'com.docker.network.bridge.inhibit_ipv4',
} as const;

/** Options that change nothing here, since what they ask for is what is done. */
const HARMLESS = new Set(['com.docker.network.bridge.default_bridge', 'com.docker.network.enable_ipv6', 'com.docker.network.enable_ipv4']);

export function bridgeOptions({ id, name, driverOpts }: Pick<NetworkRecord, 'id' | 'name' | 'driverOpts'>): BridgeOptions {
  const resource = `network ${name}`;
  const text = (key: keyof typeof KEYS, fallback: string): string => driverOpts[KEYS[key]] ?? fallback;
  return {
    bridge: interfaceName(text('bridge', `md-${id.slice(0, 12)}`), 15, resource),
    mtu: mtuOf(text('mtu', '0'), resource),
    icc: flag(KEYS.icc, text('icc', 'true'), resource),
    masquerade: flag(KEYS.masquerade, text('masquerade', 'true'), resource),
    hostBinding: address(KEYS.hostBinding, text('hostBinding', ''), resource),
    interfacePrefix: interfaceName(text('interfacePrefix', 'eth'), 12, resource),
    hostIpv4: address(KEYS.hostIpv4, text('hostIpv4', ''), resource),
    inhibitIpv4: flag(KEYS.inhibitIpv4, text('inhibitIpv4', 'false'), resource),
  };
}

/** Options nobody here knows, in order. */
export function unknownOptions(driverOpts: Readonly<Record<string, string>>): readonly string[] {
  const known = new Set<string>([...Object.values(KEYS), ...HARMLESS]);
  return Object.keys(driverOpts).filter((key) => !known.has(key));
}

function interfaceName(name: string, limit: number, resource: string): string {
  if (/^[^\s/:%]+$/.test(name) && name.length <= limit && name !== '.' && name !== '..') return name;
  throw new MydockerError('invalid', `interface name ${JSON.stringify(name)} is not valid: at most ${limit} characters, no blank, / or :`, {
    resource,
  });
}

function mtuOf(text: string, resource: string): number {
  const mtu = /^\d+$/.test(text) ? Number(text) : NaN;
  if (mtu === 0 || (mtu >= 68 && mtu <= 65535)) return mtu;
  throw new MydockerError('invalid', `${KEYS.mtu}: ${JSON.stringify(text)} is not between 68 and 65535`, { resource });
}

function flag(key: string, text: string, resource: string): boolean {
  if (/^(1|t|true)$/i.test(text)) return true;
  if (/^(0|f|false)$/i.test(text)) return false;
  throw new MydockerError('invalid', `${key}: ${JSON.stringify(text)} is neither true nor false`, { resource });
}

function address(key: string, text: string, resource: string): string {
  if (text === '') return '';
  const parsed = parseAddress(text);
  if (parsed?.family !== 4) throw new MydockerError('invalid', `${key}: ${JSON.stringify(text)} is not an IPv4 address`, { resource });
  return parsed.value === 0n ? '' : text;
}
