import { setTimeout as sleep } from 'node:timers/promises';
import { LABELS } from '../../../model/compose-labels.ts';
import type { Container, LogOptions, Runtime } from '../../../model/runtime.ts';
import { isAlive, keepsLog } from '../../../plan/container-facts.ts';
import { nanosecondsOf } from '../../../util/nanoseconds-of.ts';
import { linesOf, type FollowOptions } from './follow-logs.ts';
import { logName } from './log-name.ts';
import { containerIfThere, projectContainers } from './observe.ts';
import { RestartTeller } from './restart-teller.ts';
import { successor } from './successor.ts';

/** Each container by itself, and those that start meanwhile, until none is left. */
export async function followAll(containers: readonly Container[], width: number, options: FollowOptions): Promise<void> {
  const { runtime, projectName, newcomers, write } = options;
  const over = new AbortController();
  const jobs = new Map<string, Promise<void>>();
  const failures: unknown[] = [];
  let count = 0;
  const add = (container: Container, log: LogOptions): void => {
    const name = logName(container);
    if (jobs.has(name)) return;
    const job = followContainer(container, count++, width, { ...options, log })
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
  const restarts = new RestartTeller(runtime, (container, code) => {
    if (jobs.has(logName(container))) write(`${logName(container)} exited with code ${code} (restarting)\n`, 'stdout');
  });
  for await (const event of runtime.events.read({ since, signal: over.signal })) {
    if (event.type !== 'container' || event.attributes[LABELS.project] !== projectName) continue;
    await restarts.onEvent(event);
    if (event.action !== 'start') continue;
    const container = (await projectContainers(runtime, projectName)).find(({ config }) => config.id === event.id);
    if (container !== undefined && keepsLog(container) && newcomers(container)) add(container, {});
  }
  if (failures.length > 0) throw failures[0];
}

/** Follows while the container comes back, or is replaced by a newer one of its service and number, and tells how it ended. */
async function followContainer(container: Container, index: number, width: number, options: FollowOptions): Promise<void> {
  const { runtime, write } = options;
  const lines = linesOf(container, index, width, options);
  const began = BigInt(Date.now()) * 1_000_000n;
  const ran = isAlive(container);
  let log: LogOptions = { ...options.log, follow: true };
  for (let current = container; ;) {
    let last: string | undefined;
    for await (const entry of runtime.containers.logs(current.config.id, log)) {
      last = entry.time;
      lines.push(entry);
    }
    const next = await successor(runtime, current);
    if (next?.config.id !== current.config.id) lines.end();
    if (next === undefined) {
      const code = ran ? await exitCodeOf(runtime, current, began) : undefined;
      if (code !== undefined) write(`${logName(current)} exited with code ${code}\n`, 'stdout');
      return;
    }
    const isNew = next.config.id !== current.config.id;
    if (isNew) write(`${logName(next)} has been recreated\n`, 'stdout');
    if (!keepsLog(next)) return;
    log = { follow: true, ...(isNew || last === undefined ? {} : { since: nanosecondsOf(last) + 1n }) };
    current = next;
    await sleep(50);
  }
}

/** From its record; of a container that has been removed since, from the events. */
async function exitCodeOf(runtime: Runtime, { config }: Container, since: bigint): Promise<string | undefined> {
  const ended = await containerIfThere(runtime, config.id);
  if (ended !== undefined) return String(ended.state.exitCode);
  let code: string | undefined;
  for await (const { id, action, attributes } of runtime.events.read({ since, signal: AbortSignal.abort() })) {
    if (id === config.id && action === 'die') code = attributes['exitCode'];
  }
  return code;
}
