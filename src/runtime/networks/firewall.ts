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

/** Numbers of netfilter's hooks. */
const INPUT = 1;
const FORWARD = 2;

/** A chain of somebody else's that has to let our bridges' packets through. */
export interface Passage {
  readonly chain: Chain;
  /** What is matched, one rule each for every bridge. */
  readonly directions: readonly ('iifname' | 'oifname')[];
}

/**
 * Chains of others that would drop what our table lets through: an accept ends only its own chain, a drop is final.
 * Docker's FORWARD has a place for such rules. firewalld rejects at the end of its chains, whatever the policy, also what
 * containers ask of the host itself; as Docker, which puts its bridges into a zone that accepts, they are let through.
 */
export function passagesNeeded({ chains }: Firewall): readonly Passage[] {
  const filters = chains.filter(({ type, table }) => type === 'filter' && !table.startsWith('mydocker_'));
  const forward = filters
    .filter(({ hook, drop, table }) => hook === FORWARD && (drop || table === 'firewalld'))
    .map((found) => chains.find((other) => sameTable(other, found) && other.chain === 'DOCKER-USER') ?? found);
  const input = filters.filter(({ hook, table }) => hook === INPUT && table === 'firewalld');
  return [
    ...forward.map((chain): Passage => ({ chain, directions: ['iifname', 'oifname'] })),
    ...input.map((chain): Passage => ({ chain, directions: ['iifname'] })),
  ];
}

function sameTable(a: Chain, b: Chain): boolean {
  return a.family === b.family && a.table === b.table;
}

/** The rules that let our bridges' packets through and are not there yet; our own table decides on the packets. Empty for none. */
export function formatPassage(passage: Passage, firewall: Firewall, table: string, bridges: readonly string[]): string {
  const { family, table: other, chain } = passage.chain;
  const there = new Set(passagesIn(firewall, passage.chain, table).map(({ comment }) => comment));
  return bridges
    .flatMap((bridge) =>
      passage.directions.map((direction) => ({ match: `${direction} "${bridge}"`, comment: `${table} ${direction} ${bridge}` })),
    )
    .filter(({ comment }) => !there.has(comment))
    .map(({ match, comment }) => `insert rule ${family} ${other} ${chain} ${match} counter accept comment "${comment}"\n`)
    .join('');
}

/** Our rules in a chain of somebody else's. */
export function passagesIn({ marked }: Firewall, found: Chain, table: string): readonly MarkedRule[] {
  return marked.filter(
    (item) =>
      item.family === found.family && item.table === found.table && item.chain === found.chain && item.comment.startsWith(`${table} `),
  );
}
