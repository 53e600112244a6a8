import { MydockerError } from '../../errors.ts';
import { isIP } from '../../util/ip.ts';
import type { VolumeAccess } from './volume-access.ts';

type MountAccess = Extract<VolumeAccess, { kind: 'mount' }>;

/** The addresses of a name; throws when there is none. */
export type FindAddresses = (name: string) => Promise<readonly { readonly address: string; readonly family: number }[]>;

const findAddresses: FindAddresses = async (name) => {
  const { lookup } = await import('node:dns/promises');
  return lookup(name, { all: true });
};

/**
 * The same mount with an address in place of its server's name, of version 4 where there is one: the kernel knows no names. As
 * Docker does it, `addr=NAME` of nfs and cifs is replaced; without `addr` it is the server in the device (`SERVER:/path`,
 * `//SERVER/share`).
 */
export async function withServerAddress(access: MountAccess, volume: string, find: FindAddresses = findAddresses): Promise<MountAccess> {
  if (!/^(nfs4?|cifs|smb3)$/.test(access.type)) return access;
  const named = access.options.find((option) => option.startsWith('addr='))?.slice('addr='.length);
  const server = named ?? serverIn(access);
  if (server === '') return access;
  const addr = `addr=${await addressOf(server, volume, find)}`;
  return { ...access, options: [...access.options.filter((option) => !option.startsWith('addr=')), addr] };
}

function serverIn({ type, source }: MountAccess): string {
  if (type.startsWith('nfs')) return /^\[(.*)\]:|^([^:]*):/.exec(source)?.slice(1).find(Boolean) ?? '';
  return /^[/\\]{2}([^/\\]+)/.exec(source)?.[1] ?? '';
}

async function addressOf(server: string, volume: string, find: FindAddresses): Promise<string> {
  if (isIP(server)) return server;
  try {
    const addresses = await find(server);
    return (addresses.find(({ family }) => family === 4) ?? addresses[0])?.address ?? server;
  } catch (cause) {
    throw new MydockerError('not-found', `volume ${volume}: the server ${server} has no address`, {
      hint: 'Correct `addr=` in `driver_opts.o`, or the server in `driver_opts.device`, and make the volume anew.',
      cause,
    });
  }
}
