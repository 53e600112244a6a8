import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { MydockerError } from '../../errors.ts';
import type { NetworkRecord } from '../../model/runtime.ts';
import type { RuntimeContext } from '../context.ts';
import { bridgeOptions } from './driver-options.ts';
import { EndpointRecords } from './endpoint-records.ts';
import { blockingChains, formatPassage, passagesIn, readFirewall, type Firewall } from './firewall.ts';
import { applyRuleset } from './nftables.ts';
import { formatRuleset, networkElements, RULE_COUNT, type RulesetNetwork } from './ruleset.ts';
import { sha256 } from '../../util/sha256.ts';

/** Our nftables table and the host's settings it needs. */
export class NetworkTable {
  readonly #context: RuntimeContext;
  readonly #root: string;
  #name: string | undefined;
  #checked: Promise<void> | undefined;

  constructor(context: RuntimeContext, root: string) {
    this.#context = context;
    this.#root = root;
  }

  get name(): string {
    return (this.#name ??= `mydocker_${sha256(this.#context.roots.run).slice(0, 8)}`);
  }

  /** Makes the table, or whole again what somebody flushed; once a command unless `again`. */
  ensure(networks: readonly NetworkRecord[], again = false): Promise<void> {
    if (again) this.#checked = undefined;
    return (this.#checked ??= this.#ensure(networks));
  }

  /** Adds a network that was just made. */
  async add(network: NetworkRecord, networks: readonly NetworkRecord[]): Promise<void> {
    await this.ensure(networks);
    const elements = networkElements(rulesetNetwork(network)).map((element) => ['add', element] as const);
    await this.#context.core.request('nft_elements', [['table', this.name], ...elements]);
    if (rulesetNetwork(network).bridge.startsWith('md-')) return;
    await this.#openFirewall(await readFirewall(this.#context.core, this.name), [...networks, network]);
  }

  async remove(network: NetworkRecord): Promise<void> {
    const elements = networkElements(rulesetNetwork(network)).map((element) => ['del', element.split(' ').slice(0, 2).join(' ')] as const);
    await this.#context.core.request('nft_elements', [['table', this.name], ...elements]);
  }

  /** Nothing is left to guard: the table goes, and our rules in others' chains. */
  async drop(): Promise<void> {
    const { marked } = await readFirewall(this.#context.core, this.name);
    const rules = marked.filter(({ comment, table }) => comment === this.name && table !== this.name);
    const fields = rules.map(({ family, table, chain, handle }) => ['rule', `${family} ${table} ${chain} ${handle}`] as const);
    await this.#context.core.request('nft_remove', [['table', this.name], ...fields]);
    this.#checked = undefined;
  }

  async #ensure(networks: readonly NetworkRecord[]): Promise<void> {
    allowForwarding(networks);
    const firewall = await readFirewall(this.#context.core, this.name);
    const known = new Set(firewall.bridges);
    const rules = firewall.marked.filter(({ table }) => table === this.name).length;
    if (rules !== RULE_COUNT || networks.some((network) => !known.has(rulesetNetwork(network).bridge))) {
      const ports = new EndpointRecords(this.#root).allPorts();
      await applyRuleset(formatRuleset(this.name, networks.map(rulesetNetwork), ports));
    }
    await this.#openFirewall(firewall, networks);
  }

  async #openFirewall(firewall: Firewall, networks: readonly NetworkRecord[]): Promise<void> {
    const own = networks.map((network) => rulesetNetwork(network).bridge).filter((bridge) => !bridge.startsWith('md-'));
    const patterns = ['md-*', ...own];
    for (const chain of blockingChains(firewall)) {
      if (passagesIn(firewall, chain, this.name) === patterns.length * 2) continue;
      await applyRuleset(formatPassage(chain, this.name, patterns)).catch((error: unknown) => {
        const place = `${chain.family} ${chain.table} ${chain.chain}`;
        this.#context.warn(
          `the firewall chain ${place} drops forwarded packets and cannot be changed (${error instanceof Error ? error.message : String(error)}): ` +
            'containers may not reach the outside, nor be reached. Allow interfaces md-* there (firewalld: zone trusted).',
        );
      });
    }
  }
}

export function rulesetNetwork(network: NetworkRecord): RulesetNetwork {
  const { bridge, masquerade, hostIpv4 } = bridgeOptions(network);
  return { bridge, masquerade, internal: network.internal, ...(hostIpv4 === '' ? {} : { hostIpv4 }) };
}

/** Packets between a container and the outside are forwarded packets. */
function allowForwarding(networks: readonly NetworkRecord[]): void {
  const open = networks.filter(({ internal }) => !internal);
  if (open.some(({ enableIpv4 }) => enableIpv4)) enable('/proc/sys/net/ipv4/ip_forward', 'net.ipv4.ip_forward');
  if (!open.some(({ enableIpv6 }) => enableIpv6)) return;
  const path = '/proc/sys/net/ipv6/conf/all/forwarding';
  if (readSetting(path) !== '1') keepRouterAdvertisements();
  enable(path, 'net.ipv6.conf.all.forwarding');
}

function enable(path: string, name: string): void {
  if (readSetting(path) === '1') return;
  try {
    writeFileSync(path, '1');
  } catch (cause) {
    throw new MydockerError('host', `IP forwarding is off and cannot be switched on (${name})`, {
      cause,
      hint: `Set it on the host: sysctl -w ${name}=1; or use internal networks only.`,
    });
  }
}

/** A host that forwards ignores router advertisements unless told otherwise: it would lose its own addresses. */
function keepRouterAdvertisements(): void {
  const folder = '/proc/sys/net/ipv6/conf';
  for (const device of readdirSync(folder)) {
    const path = `${folder}/${device}/accept_ra`;
    if (readSetting(path) !== '1' || device === 'all' || device === 'lo') continue;
    try {
      writeFileSync(path, '2');
    } catch {
      // Read-only settings: then switching forwarding on fails as well, and says so.
    }
  }
}

function readSetting(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}
