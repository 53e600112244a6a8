import { MydockerError } from '../../errors.ts';
import type { ContainerConfig } from '../../model/container.ts';
import { CoreError } from '../core/reply.ts';
import type { ContainerServices } from './services.ts';

/** The same error, with the volume's name and what to look at when it is a volume's file system that could not be mounted. */
export function explainMount({ volumes }: Pick<ContainerServices, 'volumes'>, { mounts }: ContainerConfig, error: unknown): unknown {
  if (!(error instanceof CoreError) || error.stage !== 'mount') return error;
  for (const mount of mounts) {
    if (mount.type !== 'volume') continue;
    const access = volumes.access(mount.volume);
    if (access.kind !== 'mount' || !error.message.startsWith(`cannot mount ${access.type} ${access.source}`)) continue;
    return new MydockerError('runtime', error.message, {
      resource: `volume ${mount.volume}`,
      hint: hintFor(access.type, error.errno),
      cause: error,
    });
  }
  return error;
}

const UNREACHABLE = ['ETIMEDOUT', 'ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH'];

function hintFor(type: string, errno: string): string {
  if (errno === 'ENODEV')
    return `This host's kernel has no file system ${type}: load its module (modprobe ${type}), or install the one that has it.`;
  if (UNREACHABLE.includes(errno)) return 'Is the server up, and can this host reach it?';
  if (errno === 'ENOENT') return 'Does the server, or this host, have what `driver_opts.device` names?';
  if (errno === 'EACCES' || errno === 'EPERM') return 'Does the server let this host in, with the user of `driver_opts.o`?';
  return 'Check `driver_opts`: `o` takes the options of the kernel itself, fewer than mount(8) knows. The kernel log (dmesg) may say more.';
}
