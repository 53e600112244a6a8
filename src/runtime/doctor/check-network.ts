import { MydockerError } from '../../errors.ts';
import type { RuntimeContext } from '../context.ts';
import { hostRanges, localIpv6Range } from '../networks/host-network.ts';
import { passagesIn, passagesNeeded, readFirewall, type Firewall, type Passage } from '../networks/firewall.ts';
import type { Networks } from '../networks/networks.ts';
import { chooseSubnet, parsePools } from '../networks/subnet-pools.ts';
import { ok, problem, warning, type Finding } from './finding.ts';
import { textOfFile } from '../../util/text-of-file.ts';

/** What has to be tried: netlink, nf_tables, bridges, free addresses. */
export async function checkNetwork(context: RuntimeContext, networks: Networks): Promise<readonly Finding[]> {
  return [
    ...(await attempt('nf_tables', 'Load the module nf_tables, or use a kernel that has it.', async () =>
      firewallFindings(await readFirewall(context.core, networks.table.name), networks.table.name),
    )),
    ...(await attempt('bridge', 'Load the modules bridge and veth.', () => tryBridge(context))),
    ...(await attempt('addresses', 'Remove unused networks, or set MYDOCKER_ADDRESS_POOLS.', () => freeRange(context))),
    ephemeralPorts(),
  ];
}

async function attempt(subject: string, advice: string, check: () => Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  try {
    return await check();
  } catch (error) {
    if (!(error instanceof MydockerError)) throw error;
    return [problem(subject, error.message, error.hint ?? advice)];
  }
}

function firewallFindings(firewall: Firewall, table: string): readonly Finding[] {
  const passages = passagesNeeded(firewall);
  if (passages.length === 0) return [ok('nf_tables', 'nobody else drops forwarded packets')];
  return passages.map((passage) => firewallFinding(passage, firewall, table));
}

function firewallFinding({ chain, directions }: Passage, firewall: Firewall, table: string): Finding {
  const packets = directions.includes('oifname') ? 'forwarded packets' : 'what containers ask of this host';
  const text = `chain ${chain.family} ${chain.table} ${chain.chain} drops ${packets}`;
  if (passagesIn(firewall, chain, table).length > 0) return ok('nf_tables', `${text}, and lets ours through`);
  const advice = 'Rules that let interfaces md-* through are added there by the next command that starts a container.';
  // Nothing is cut off while there is no network of ours.
  if (firewall.bridges.length === 0) return ok('nf_tables', `${text}; ours are let through once there is a network`);
  return warning(
    'nf_tables',
    `${text}, ours too`,
    chain.table === 'firewalld'
      ? `${advice} firewalld forgets them when it is reloaded: restart a service then (mydocker-compose restart).`
      : advice,
  );
}

const PROBE = 'mydocker-probe';

async function tryBridge({ core }: RuntimeContext): Promise<readonly Finding[]> {
  await core.request('bridge_create', [
    ['name', PROBE],
    ['mac', '02:42:00:00:00:01'],
    ['ipv6', '0'],
  ]);
  await core.request('link_remove', [['name', PROBE]]);
  return [ok('bridge', 'interfaces can be made')];
}

async function freeRange({ core }: RuntimeContext): Promise<readonly Finding[]> {
  const pools = parsePools(process.env['MYDOCKER_ADDRESS_POOLS'], localIpv6Range());
  const taken = (await hostRanges(core)).map(({ subnet }) => subnet).filter(({ prefix }) => prefix > 0);
  chooseSubnet(pools, 4, taken);
  return [ok('addresses', 'the pools have ranges that overlap no route of the host')];
}

/** Ports without a number are taken from here. */
function ephemeralPorts(): Finding {
  const [first = 0, last = 0] = textOfFile('/proc/sys/net/ipv4/ip_local_port_range').trim().split(/\s+/).map(Number);
  const count = last - first + 1;
  if (count >= 1000) return ok('ports', `host ports are chosen from ${first} to ${last}`);
  return warning('ports', `only ${count} ports to choose from (${first} to ${last})`, 'Widen net.ipv4.ip_local_port_range.');
}
