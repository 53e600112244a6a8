import type { NetworkRecord } from '../../model/runtime.ts';
import type { RuntimeContext } from '../context.ts';
import { allowForwarding } from './allow-forwarding.ts';
import { bridgeOptions } from '../../model/bridge-options.ts';
import { EndpointRecords } from './endpoint-records.ts';
import { formatPassage, passagesNeeded, readFirewall, type Firewall } from './firewall.ts';
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
    const rules = marked.filter(({ comment, table }) => comment.startsWith(this.name) && table !== this.name);
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
    for (const passage of passagesNeeded(firewall)) {
      const rules = formatPassage(passage, firewall, this.name, patterns);
      if (rules === '') continue;
      await applyRuleset(rules).catch((error: unknown) => {
        const { family, table, chain } = passage.chain;
        const place = `${family} ${table} ${chain}`;
        this.#context.warn(
          `the firewall chain ${place} drops forwarded packets and cannot be changed (${error instanceof Error ? error.message : String(error)}): ` +
            'containers may not reach the outside, nor be reached. Allow interfaces md-* there (firewalld: zone trusted).',
        );
      });
    }
  }
}

function rulesetNetwork(network: NetworkRecord): RulesetNetwork {
  const { bridge, masquerade, hostIpv4, icc } = bridgeOptions(network);
  return { bridge, masquerade, internal: network.internal, apart: !icc, ...(hostIpv4 === '' ? {} : { hostIpv4 }) };
}
