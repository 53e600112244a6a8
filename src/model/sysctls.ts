import type { NamespaceModes } from './container.ts';

const IPC = [
  'kernel.msgmax',
  'kernel.msgmnb',
  'kernel.msgmni',
  'kernel.sem',
  'kernel.shmall',
  'kernel.shmmax',
  'kernel.shmmni',
  'kernel.shm_rmid_forced',
];

/**
 * Why a container must not set this kernel parameter; undefined when it may. Only what belongs to a namespace of its own: any other
 * parameter is the whole machine's, and would stay set after the container. The list is runc's.
 */
export function sysctlProblem(
  name: string,
  { network, ipc, uts }: { readonly [key in 'network' | 'ipc' | 'uts']: NamespaceModes[key]['kind'] },
): string | undefined {
  const dotted = dottedName(name);
  // A `..` on the way would lead to another parameter than the one that is looked at here.
  if (dotted.split('.').some((part) => /^\/*$/.test(part))) return `"${name}" is not the name of a kernel parameter`;
  if (IPC.includes(dotted) || dotted.startsWith('fs.mqueue.')) {
    return ipc === 'host' ? `sysctl "${name}" is the host's, whose ipc namespace this container uses` : undefined;
  }
  if (dotted.startsWith('net.')) {
    return network === 'host' ? `sysctl "${name}" is the host's, whose network this container uses` : undefined;
  }
  if (dotted === 'kernel.domainname') {
    return uts === 'host' ? `sysctl "${name}" is the host's, whose uts namespace this container uses` : undefined;
  }
  if (dotted === 'kernel.hostname') return `sysctl "${name}" is not for a container: set its hostname instead`;
  return `sysctl "${name}" is not in a namespace of the container: it would change the whole machine`;
}

/** As sysctl(8) reads names: where a slash comes first, dots are parts of names. */
function dottedName(name: string): string {
  const first = /[./]/.exec(name)?.[0];
  return first === '/' ? name.replace(/[./]/g, (found) => (found === '/' ? '.' : '/')) : name;
}
