import { MydockerError } from '../../errors.ts';
import type { Core } from '../core/core.ts';
import type { CoreLine } from '../core/reply.ts';

export interface Chain {
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  /** `filter`, `nat`, `route`; empty for one that is no base chain. */
  readonly type: string;
  /** Number of the hook, -1 for none. */
  readonly hook: number;
  /** Its policy is to drop. */
  readonly drop: boolean;
}

/** A rule with our comment. */
export interface MarkedRule {
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  readonly comment: string;
  readonly handle: number;
}

/** What the kernel's nf_tables hold now. */
export interface Firewall {
  readonly chains: readonly Chain[];
  readonly marked: readonly MarkedRule[];
  /** Elements of the set `bridges` of our table. */
  readonly bridges: readonly string[];
}

export async function readFirewall(core: Core, table: string): Promise<Firewall> {
  const reply = await core.request('nft_chains', [['table', table]]);
  return {
    chains: listOf(reply, 'chains') as readonly Chain[],
    marked: listOf(reply, 'marked') as readonly MarkedRule[],
    bridges: listOf(reply, 'bridges') as readonly string[],
  };
}

/** The core's own reply: its shape is the protocol's, only its presence is checked. */
function listOf(reply: CoreLine, key: string): readonly unknown[] {
  const value = reply[key];
  if (!Array.isArray(value)) throw new MydockerError('runtime', `mydocker-core's list of ${key} is missing`);
  return value;
}

const FORWARD = 2;

/**
 * Chains of others that would drop what our table lets through: an accept ends only its own chain, a drop is final.
 * Docker's FORWARD has a place for such rules; firewalld rejects at the end of its chain, whatever the policy.
 */
export function blockingChains({ chains }: Firewall): readonly Chain[] {
  const forward = chains.filter(({ type, hook, table }) => type === 'filter' && hook === FORWARD && !table.startsWith('mydocker_'));
  return forward
    .filter(({ drop, table }) => drop || table === 'firewalld')
    .map((found) => chains.find((other) => sameTable(other, found) && other.chain === 'DOCKER-USER') ?? found);
}

function sameTable(a: Chain, b: Chain): boolean {
  return a.family === b.family && a.table === b.table;
}

/** The rules that let our bridges' traffic through a chain of somebody else's; our own table decides on it. */
export function formatPassage(found: Chain, table: string, bridges: readonly string[]): string {
  return bridges
    .flatMap((bridge) => [`iifname "${bridge}"`, `oifname "${bridge}"`])
    .map((match) => `insert rule ${found.family} ${found.table} ${found.chain} ${match} counter accept comment "${table}"`)
    .join('\n')
    .concat('\n');
}

/** How many rules of ours the chain has. */
export function passagesIn({ marked }: Firewall, found: Chain, table: string): number {
  return marked.filter((item) => sameTable({ ...found, ...item }, found) && item.chain === found.chain && item.comment === table).length;
}
