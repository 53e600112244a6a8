import { MydockerError } from '../../errors.ts';
import type { Container } from '../../model/runtime.ts';
import { networkNamesOf } from '../../ui/container-row.ts';
import { namePattern } from '../name-pattern.ts';

export interface ContainerFilter {
  readonly matches: (container: Container) => boolean;
  /** A filter that asks for stopped ones makes `-a` needless. */
  readonly showsStopped: boolean;
}

const STATES: readonly string[] = ['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead'];

type Test = (container: Container, value: string) => boolean;

/** `ps --filter`: values of one key are alternatives, different keys must all match. */
export function containerFilter(filters: readonly string[], all: readonly Container[]): ContainerFilter {
  const wanted = new Map<string, string[]>();
  for (const text of filters) {
    const [key = '', ...rest] = text.split('=');
    if (rest.length === 0) throw new MydockerError('usage', `invalid filter ${JSON.stringify(text)}: write key=value`);
    wanted.set(key, [...(wanted.get(key) ?? []), rest.join('=')]);
  }
  const tests = testsFor(all);
  for (const key of wanted.keys()) {
    if (!(key in tests)) {
      throw new MydockerError('usage', `invalid filter ${JSON.stringify(key)}`, { hint: `There are: ${Object.keys(tests).join(', ')}.` });
    }
  }
  for (const value of wanted.get('status') ?? []) {
    if (!STATES.includes(value)) {
      throw new MydockerError('usage', `invalid filter 'status=${value}': must be one of ${STATES.join(', ')}`);
    }
  }
  return {
    showsStopped: wanted.has('status') || wanted.has('exited'),
    matches: (container) =>
      [...wanted].every(([key, values]) =>
        // Labels are the exception: all of them must be there.
        key === 'label' ? values.every((value) => tests[key]?.(container, value)) : values.some((value) => tests[key]?.(container, value)),
      ),
  };
}

function testsFor(all: readonly Container[]): Readonly<Record<string, Test>> {
  const createdOf = (reference: string): string => {
    const found = all.find(({ config }) => config.name === reference || config.id.startsWith(reference));
    if (found === undefined) throw new MydockerError('not-found', `no such container: ${reference}`);
    return found.config.created;
  };
  return {
    id: ({ config }, value) => config.id.startsWith(value),
    name: ({ config }, value) => namePattern(value.replace(/^(\^?)\//, '$1')).test(config.name),
    label: ({ config }, value) => {
      const [key = '', ...rest] = value.split('=');
      return rest.length === 0 ? key in config.labels : config.labels[key] === rest.join('=');
    },
    status: ({ state }, value) => state.status === value,
    exited: ({ state }, value) => state.status === 'exited' && state.exitCode === Number(value),
    health: ({ state }, value) => (state.health?.status ?? 'none') === value,
    ancestor: ({ config }, value) =>
      config.image.reference === value ||
      config.image.reference === `${value}:latest` ||
      config.image.id.replace('sha256:', '').startsWith(value.replace('sha256:', '')),
    volume: ({ config }, value) =>
      config.mounts.some(
        (mount) =>
          mount.target === value ||
          (mount.type === 'volume' && mount.volume === value) ||
          (mount.type === 'bind' && mount.source === value),
      ),
    network: ({ config }, value) => networkNamesOf(config).includes(value),
    publish: ({ network }, value) =>
      network.ports.some(({ hostPort, protocol }) => `${String(hostPort)}/${protocol}` === withProtocol(value)),
    expose: ({ config }, value) => config.network.exposed.includes(withProtocol(value)),
    before: ({ config }, value) => config.created < createdOf(value),
    since: ({ config }, value) => config.created > createdOf(value),
  };
}

function withProtocol(port: string): string {
  return port.includes('/') ? port : `${port}/tcp`;
}
