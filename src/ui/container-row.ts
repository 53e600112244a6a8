import { LABELS } from '../model/compose-labels.ts';
import type { Container } from '../model/runtime.ts';
import { humanDuration } from './human.ts';
import { portText, shownPorts, type ShownPort } from './port-text.ts';

/** A container with Docker Compose's keys, as `ps --format json` prints it. */
export type ContainerRow = Readonly<Record<string, unknown>> & {
  readonly Name: string;
  readonly Service: string;
  readonly State: string;
};

export function containerRow(container: Container, now: Date, noTrunc: boolean): ContainerRow {
  const { config, state, network } = container;
  const ports = alive(container) ? shownPorts(network.ports, config.network.exposed) : [];
  const created = new Date(config.created);
  const volumes = config.mounts.filter(({ type }) => type === 'volume');
  return {
    Command: JSON.stringify(shortened(config.process.args.map(quoted).join(' '), noTrunc)),
    CreatedAt: goTime(created),
    ExitCode: state.status === 'exited' || state.status === 'dead' ? state.exitCode : 0,
    Health: state.status === 'running' ? (state.health?.status ?? '') : '',
    ID: noTrunc ? config.id : config.id.slice(0, 12),
    Image: config.image.reference,
    Labels: Object.entries(config.labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(','),
    LocalVolumes: String(volumes.length),
    Mounts: config.mounts
      .flatMap((mount) => (mount.type === 'volume' ? [mount.volume] : mount.type === 'bind' ? [mount.source] : []))
      .map((name) => shortMount(name, noTrunc))
      .join(','),
    Name: config.name,
    Names: config.name,
    Networks: networkNamesOf(config).join(','),
    Ports: portText(ports),
    Project: config.labels[LABELS.project] ?? '',
    Publishers: publishers(ports),
    RunningFor: `${humanDuration(now.getTime() - created.getTime())} ago`,
    Service: config.labels[LABELS.service] ?? '',
    Size: '0B',
    State: state.status,
    Status: statusText(container, now),
  };
}

/** As Docker shows a command line. */
function quoted(word: string): string {
  return /[\s'"]/.test(word) || word === '' ? `'${word}'` : word;
}

/** As Docker: a container without networks of its own shows its mode. */
export function networkNamesOf({ namespaces: { network: mode }, network }: Container['config']): readonly string[] {
  return mode.kind === 'host' || mode.kind === 'none' ? [mode.kind] : network.endpoints.map((endpoint) => endpoint.network);
}

function alive({ state }: Container): boolean {
  return state.status === 'running' || state.status === 'paused' || state.status === 'restarting';
}

function shortened(text: string, noTrunc: boolean): string {
  return noTrunc || text.length <= 20 ? text : `${text.slice(0, 19)}…`;
}

function shortMount(text: string, noTrunc: boolean): string {
  return noTrunc || text.length <= 15 ? text : `${text.slice(0, 14)}…`;
}

function goTime(time: Date): string {
  return `${time.toISOString().slice(0, 19).replace('T', ' ')} +0000 UTC`;
}

function publishers(ports: readonly ShownPort[]): readonly object[] {
  return ports.map(({ hostIp, hostPort, containerPort, protocol }) => ({
    URL: hostIp,
    TargetPort: containerPort,
    PublishedPort: hostPort,
    Protocol: protocol,
  }));
}

/** `Up 5 minutes (healthy)`, `Exited (0) 3 seconds ago`, as Docker words it. */
export function statusText({ state, config }: Container, now: Date): string {
  const since = (time: string): string => humanDuration(now.getTime() - new Date(time).getTime());
  switch (state.status) {
    case 'running': {
      const health =
        state.health === undefined ? '' : ` (${state.health.status === 'starting' ? 'health: starting' : state.health.status})`;
      return `Up ${since(state.startedAt)}${health}`;
    }
    case 'paused':
      return `Up ${since(state.startedAt)} (Paused)`;
    case 'restarting':
      return `Restarting (${String(state.exitCode)}) ${since(state.finishedAt === '' ? config.created : state.finishedAt)} ago`;
    case 'created':
      return 'Created';
    case 'dead':
      return 'Dead';
    case 'exited':
      return `Exited (${String(state.exitCode)}) ${since(state.finishedAt === '' ? config.created : state.finishedAt)} ago`;
  }
}
