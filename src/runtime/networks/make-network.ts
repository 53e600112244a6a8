import { MydockerError } from '../../errors.ts';
import type { IpamPool, NetworkDraft, NetworkRecord } from '../../model/runtime.ts';
import { overlaps, parseCidr, type Cidr } from '../../util/ip.ts';
import type { Core } from '../core/core.ts';
import type { Fields } from '../core/frame.ts';
import { newId } from '../store/ids.ts';
import { macOf } from './choose-address.ts';
import { bridgeOptions } from '../../model/bridge-options.ts';
import { hostRanges, localIpv6Range, readHostResolver, resolverRanges } from './host-network.ts';
import { completePools } from './network-draft.ts';
import { BRIDGE_POOL, chooseSubnet, findOverlap, parsePools } from './subnet-pools.ts';

const ATTEMPTS = 8;

/**
 * Chooses what the draft leaves open, records it and makes the bridge, in this order: a bridge that no record knows
 * would stay for ever. The caller holds the lock on this root's networks; another root's command may take the same
 * range in the same moment, which shows in the routes once both bridges are there.
 */
export async function makeNetwork({ core, draft, others, id = newId(), save }: NetworkWish): Promise<NetworkRecord> {
  const lost: Cidr[] = [];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const record = recordOf(draft, id, await choosePools(core, draft, others, lost));
    await save(record);
    await makeBridge(core, record);
    const rival = await findRival(core, record, draft);
    if (rival === undefined) return record;
    await core.request('link_remove', [['name', bridgeOptions(record).bridge]]);
    lost.push(rival);
  }
  throw new MydockerError('host', 'no range of addresses stays free long enough to make a network', { resource: `network ${draft.name}` });
}

interface NetworkWish {
  readonly core: Core;
  readonly draft: NetworkDraft;
  readonly others: readonly NetworkRecord[];
  readonly id?: string | undefined;
  readonly save: (record: NetworkRecord) => Promise<void>;
}

function recordOf(draft: NetworkDraft, id: string, ipam: readonly IpamPool[]): NetworkRecord {
  return {
    id,
    name: draft.name,
    driver: 'bridge',
    driverOpts: draft.driverOpts ?? {},
    labels: draft.labels ?? {},
    internal: draft.internal ?? false,
    attachable: draft.attachable ?? false,
    enableIpv4: draft.enableIpv4 ?? true,
    enableIpv6: draft.enableIpv6 ?? false,
    ipam,
    created: new Date().toISOString(),
  };
}

async function choosePools(
  core: Core,
  draft: NetworkDraft,
  others: readonly NetworkRecord[],
  lost: readonly Cidr[],
): Promise<readonly IpamPool[]> {
  const recorded = others.flatMap(({ name, ipam }) =>
    ipam.flatMap((pool) => {
      const subnet = parseCidr(pool.subnet);
      return subnet === undefined ? [] : [{ name, subnet }];
    }),
  );
  const host = await hostRanges(core);
  const taken = [
    ...recorded.map(({ subnet }) => subnet),
    ...host.map(({ subnet }) => subnet),
    ...resolverRanges(readHostResolver()),
    ...lost,
  ].filter(({ prefix }) => prefix > 0);
  const pools = parsePools(process.env['MYDOCKER_ADDRESS_POOLS'], localIpv6Range());
  const chosen = completePools(draft, (family) => {
    const usual = draft.name === 'bridge' && family === 4 ? [...BRIDGE_POOL, ...pools] : pools;
    return chooseSubnet(usual, family, taken);
  });
  for (const wish of draft.ipam ?? []) checkWish(draft.name, wish, recorded, host);
  return chosen;
}

function checkWish(
  name: string,
  { subnet }: Partial<IpamPool>,
  recorded: readonly { readonly name: string; readonly subnet: Cidr }[],
  host: readonly { readonly subnet: Cidr; readonly device: string }[],
): void {
  const cidr = parseCidr(subnet ?? '');
  if (cidr === undefined) return;
  const other =
    findOverlap(
      cidr,
      recorded.map((item) => ({ name: `network ${item.name}`, subnet: item.subnet })),
    ) ??
    // A wider route (a VPN's, the default one) may be meant to be cut into; the same range or a part of it cannot.
    findOverlap(
      cidr,
      host
        .filter((item) => item.subnet.prefix >= cidr.prefix)
        .map((item) => ({ name: `the route of ${item.device}`, subnet: item.subnet })),
    );
  if (other === undefined) return;
  throw new MydockerError('conflict', `subnet ${subnet} overlaps with ${other}`, {
    resource: `network ${name}`,
    hint: 'Choose another subnet, or leave it out to get a free one.',
  });
}

/** Makes the bridge and its addresses, or what is missing of them. */
export async function makeBridge(core: Core, network: NetworkRecord): Promise<void> {
  await core.request('bridge_create', bridgeFields(network));
}

function bridgeFields(network: NetworkRecord): Fields {
  const { bridge, mtu, inhibitIpv4 } = bridgeOptions(network);
  const gateways = network.ipam.flatMap(({ subnet, gateway }) => {
    const cidr = parseCidr(subnet);
    if (cidr === undefined || gateway === undefined || (inhibitIpv4 && cidr.family === 4)) return [];
    return [`${gateway}/${cidr.prefix}`];
  });
  return [
    ['name', bridge],
    ['mac', macOf(network.ipam[0]?.gateway ?? '')],
    ['mtu', String(mtu)],
    ...gateways.map((address) => ['address', address] as const),
    ['ipv6', network.enableIpv6 ? '1' : '0'],
    ['route_localnet', network.internal ? '0' : '1'],
  ];
}

/** A range of somebody else's that a freely chosen one overlaps by now. */
async function findRival(core: Core, record: NetworkRecord, draft: NetworkDraft): Promise<Cidr | undefined> {
  const wished = new Set((draft.ipam ?? []).flatMap(({ subnet }) => parseCidr(subnet ?? '') ?? []).map(({ base }) => base));
  const chosen = record.ipam.flatMap(({ subnet }) => parseCidr(subnet) ?? []).filter(({ base }) => !wished.has(base));
  if (chosen.length === 0) return undefined;
  const { bridge } = bridgeOptions(record);
  const others = (await hostRanges(core)).filter(({ device, subnet }) => device !== bridge && subnet.prefix > 0);
  return chosen.find((subnet) => others.some((other) => overlaps(other.subnet, subnet)));
}
