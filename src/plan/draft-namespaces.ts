import { MydockerError } from '../errors.ts';
import type { NamespaceMode, NamespaceModes } from '../model/container.ts';
import type { DraftContext } from './container-draft.ts';

const PRIVATE: NamespaceMode = { kind: 'private' };

/** Which namespaces are the container's own, the host's, or another container's. */
export function draftNamespaces(context: DraftContext): NamespaceModes {
  const { service } = context;
  return {
    network: sharedMode(context, 'network_mode', service.network_mode),
    pid: sharedMode(context, 'pid', service.pid),
    ipc: sharedMode(context, 'ipc', service.ipc),
    uts: service.uts === 'host' ? { kind: 'host' } : PRIVATE,
    cgroup: service.cgroup === 'host' ? { kind: 'host' } : PRIVATE,
  };
}

/** The service whose namespace or volumes this value borrows: `service:db` gives `db`. */
export function borrowedService(value: string | undefined): string | undefined {
  return value?.startsWith('service:') === true ? value.slice('service:'.length) : undefined;
}

function sharedMode(context: DraftContext, key: string, value: string | undefined): NamespaceMode {
  if (value === undefined || value === '' || value === 'private' || value === 'bridge' || value === 'default') return PRIVATE;
  if (value === 'host' || value === 'none' || value === 'shareable') return { kind: value };
  const borrowed = borrowedService(value);
  if (borrowed !== undefined) {
    const [first] = context.containersOf(borrowed);
    if (first === undefined) throw missing(context, key, `service ${borrowed} has no container`);
    return { kind: 'container', container: first.config.id };
  }
  if (value.startsWith('container:')) {
    const reference = value.slice('container:'.length);
    const other = context.containerNamed(reference);
    if (other === undefined) throw missing(context, key, `no such container: ${reference}`);
    if (key === 'ipc' && ['private', 'none'].includes(other.config.namespaces.ipc.kind)) {
      throw new MydockerError('conflict', `the IPC namespace of container ${reference} is not shareable`, {
        resource: `services.${context.serviceName}.ipc`,
        hint: 'make that container with `ipc: shareable`',
      });
    }
    return { kind: 'container', container: other.config.id };
  }
  if (key === 'network_mode') return PRIVATE;
  throw new MydockerError('invalid', `${value} is not a valid ${key}`, { resource: `services.${context.serviceName}.${key}` });
}

function missing(context: DraftContext, key: string, message: string): MydockerError {
  return new MydockerError('not-found', message, { resource: `services.${context.serviceName}.${key}` });
}
