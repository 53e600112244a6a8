import { setTimeout as sleep } from 'node:timers/promises';
import { MydockerError } from '../../../errors.ts';
import { LABELS } from '../../../model/compose-labels.ts';
import type { Container, LogEntry, LogOptions, Runtime } from '../../../model/runtime.ts';
import { containerNumberOf, isAlive, isOneOff, serviceNameOf } from '../../../plan/container-facts.ts';
import { LogLines, logPrefix, type LogStyle } from '../../../ui/log-lines.ts';
import { projectContainers } from './observe.ts';

export interface FollowOptions {
  readonly runtime: Runtime;
  readonly projectName: string;
  readonly style: LogStyle;
  readonly follow: boolean;
  readonly log: LogOptions;
  readonly write: (text: string, stream: LogEntry['stream']) => void;
  readonly signal?: AbortSignal;
  /** Which containers that start while others are followed are followed too. */
  readonly newcomers?: (container: Container) => boolean;
}

/** Prints the logs of the containers; when following, until all of them have ended. */
export async function printLogs(containers: readonly Container[], options: FollowOptions): Promise<void> {
  const width = prefixWidth(containers.map(logName));
  if (options.follow) {
    await followAll(containers, width, options);
    return;
  }
  if (containers.length === 1) {
    await Promise.all(containers.map((container) => printContainer(container, 0, width, options)));
    return;
  }
  const lines: { time: string; text: string; stream: LogEntry['stream'] }[] = [];
  for (const [index, container] of containers.entries()) {
    let time = '';
    const write = (text: string, stream: LogEntry['stream']): void => {
      lines.push({ time, text, stream });
    };
    await printContainer(container, index, width, { ...options, write }, (entry) => {
      time = entry.time;
    });
  }
  for (const { text, stream } of lines.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0))) options.write(text, stream);
}

/** Each container by itself, and those that start meanwhile, until none is left. */
async function followAll(containers: readonly Container[], width: number, options: FollowOptions): Promise<void> {
  const { runtime, projectName, newcomers } = options;
  const over = new AbortController();
  const jobs = new Map<string, Promise<void>>();
  const failures: unknown[] = [];
  let count = 0;
  const add = (container: Container, log: LogOptions): void => {
    const name = logName(container);
    if (jobs.has(name)) return;
    const job = printContainer(container, count++, width, { ...options, log })
      .catch((error: unknown) => failures.push(error))
      .then(() => {
        jobs.delete(name);
        if (jobs.size === 0 || failures.length > 0) over.abort();
      });
    jobs.set(name, job);
  };
  const since = BigInt(Date.now()) * 1_000_000n;
  for (const container of containers) add(container, options.log);
  if (jobs.size === 0) return;
  if (newcomers === undefined) await Promise.all(jobs.values());
  else {
    for await (const { type, action, id, attributes } of runtime.events.read({ since, signal: over.signal })) {
      if (type !== 'container' || action !== 'start' || attributes[LABELS.project] !== projectName) continue;
      const container = (await projectContainers(runtime, projectName)).find(({ config }) => config.id === id);
      if (container !== undefined && newcomers(container)) add(container, {});
    }
  }
  if (failures.length > 0) throw failures[0];
}

export function prefixWidth(names: readonly string[]): number {
  return Math.max(0, ...names.map((name) => name.length)) + 1;
}

/** The service and number a container is called in the logs: `web-1`. */
export function logName(container: Container): string {
  const own = container.config.name;
  return isOneOff(container) ? own : `${serviceNameOf(container)}-${String(containerNumberOf(container))}`;
}

export async function printContainer(
  container: Container,
  index: number,
  width: number,
  options: FollowOptions,
  onEntry?: (entry: LogEntry) => void,
): Promise<void> {
  const prefix = logPrefix(logName(container), index, width, options.style);
  const lines = new LogLines(() => prefix, options.style, options.write);
  for await (const entry of entriesOf(container, options)) {
    onEntry?.(entry);
    lines.push(entry);
  }
  lines.end();
}

/** Entries of one container; following goes on while it comes back, or is replaced by a newer one of its service and number. */
async function* entriesOf(container: Container, { runtime, follow, log, signal }: FollowOptions): AsyncIterable<LogEntry> {
  const signals = signal === undefined ? {} : { signal };
  let options: LogOptions = { ...log, follow, ...signals };
  let current = container;
  for (;;) {
    let last: string | undefined;
    for await (const entry of runtime.containers.logs(current.config.id, options)) {
      last = entry.time;
      yield entry;
    }
    if (!follow || signal?.aborted === true) return;
    const next = await successor(runtime, current);
    if (next === undefined) return;
    const replaced = next.config.id !== current.config.id;
    options = { follow, ...signals, ...(replaced || last === undefined ? {} : { since: nanoseconds(last) + 1n }) };
    current = next;
    await sleep(50);
  }
}

const START_WAIT_MS = 60_000;

export async function successor(runtime: Runtime, container: Container): Promise<Container | undefined> {
  try {
    const same = await runtime.containers.get(container.config.id);
    if (isAlive(same)) return same;
  } catch (error) {
    if (!(error instanceof MydockerError) || error.code !== 'not-found') throw error;
  }
  if (isOneOff(container)) return undefined;
  const project = container.config.labels[LABELS.project] ?? '';
  const replacement = (await projectContainers(runtime, project)).find(
    (other) =>
      other.config.id !== container.config.id &&
      !isOneOff(other) &&
      serviceNameOf(other) === serviceNameOf(container) &&
      containerNumberOf(other) === containerNumberOf(container),
  );
  return replacement === undefined ? undefined : started(runtime, replacement);
}

/** A replacement is made before the old container goes and starts after it. */
async function started(runtime: Runtime, container: Container): Promise<Container | undefined> {
  const deadline = Date.now() + START_WAIT_MS;
  let current = container;
  while (current.state.status === 'created' && Date.now() < deadline) {
    await sleep(50);
    try {
      current = await runtime.containers.get(container.config.id);
    } catch (error) {
      if (error instanceof MydockerError && error.code === 'not-found') return undefined;
      throw error;
    }
  }
  return current.state.status === 'created' ? undefined : current;
}

export function nanoseconds(time: string): bigint {
  const [whole = '', fraction = ''] = time.replace('Z', '').split('.');
  return BigInt(Date.parse(`${whole}Z`)) * 1_000_000n + BigInt(fraction.padEnd(9, '0').slice(0, 9));
}
