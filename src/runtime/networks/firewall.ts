import * as z from 'zod/mini';
import type { Core } from '../core/core.ts';

const chain = z.object({
  family: z.string(),
  table: z.string(),
  chain: z.string(),
  type: z.string(),
  hook: z.number(),
  drop: z.boolean(),
});
const rule = z.object({ family: z.string(), table: z.string(), chain: z.string(), comment: z.string(), handle: z.number() });
const firewall = z.object({ chains: z.array(chain), marked: z.array(rule), bridges: z.array(z.string()) });

export type Chain = z.infer<typeof chain>;
/** What the kernel's nf_tables hold now. */
export type Firewall = z.infer<typeof firewall>;

export async function readFirewall(core: Core, table: string): Promise<Firewall> {
  return firewall.parse(await core.request('nft_chains', [['table', table]]));
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
