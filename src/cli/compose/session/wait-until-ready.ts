import { setTimeout as sleep } from 'node:timers/promises';
import { MydockerError } from '../../../errors.ts';
import type { Container, Runtime } from '../../../model/runtime.ts';
import { isOneOff, serviceNameOf } from '../../../plan/container-facts.ts';
import { projectContainers } from './observe.ts';

/** Without a health check, a program that has not ended after this long counts as running. */
const SETTLED_MS = 500;

type Readiness = 'ready' | 'pending' | { readonly why: string };

/** Waits until every container of the services runs and is healthy; a one-shot that ended with 0 counts as ready. */
export async function waitUntilReady(
  runtime: Runtime,
  project: string,
  services: readonly string[],
  timeoutSeconds: number | undefined,
): Promise<void> {
  const deadline = timeoutSeconds === undefined || timeoutSeconds <= 0 ? Number.POSITIVE_INFINITY : Date.now() + timeoutSeconds * 1000;
  const wanted = new Set(services);
  for (;;) {
    const containers = (await projectContainers(runtime, project)).filter((one) => wanted.has(serviceNameOf(one)) && !isOneOff(one));
    const states = containers.map((container) => ({ container, readiness: readiness(container) }));
    const failed = states.flatMap(({ container, readiness: state }) =>
      typeof state === 'object' ? [`container ${container.config.name} ${state.why}`] : [],
    );
    if (failed.length > 0) throw new MydockerError('dependency', failed.join('; '), lastProbe(states.map(({ container }) => container)));
    const pending = states.filter(({ readiness: state }) => state === 'pending').map(({ container }) => container);
    if (pending.length === 0) return;
    if (Date.now() >= deadline) {
      const who = pending.map(({ config, state }) => `${config.name} is ${state.health?.status ?? state.status}`).join(', ');
      throw new MydockerError('dependency', `application not healthy after ${String(timeoutSeconds)}s: ${who}`, lastProbe(pending));
    }
    await sleep(50);
  }
}

function readiness({ config, state }: Container): Readiness {
  switch (state.status) {
    case 'running':
      if (config.healthcheck === undefined) return runsSince(state.startedAt) >= SETTLED_MS ? 'ready' : 'pending';
      if (state.health?.status === 'healthy') return 'ready';
      return state.health?.status === 'unhealthy' ? { why: 'is unhealthy' } : 'pending';
    case 'paused':
      return { why: 'is paused' };
    case 'exited':
    case 'dead':
      return state.exitCode === 0 ? 'ready' : { why: `exited (${String(state.exitCode)})` };
    case 'created':
    case 'restarting':
      return 'pending';
  }
}

function runsSince(startedAt: string): number {
  return Date.now() - Date.parse(startedAt.replace(/(\.\d{3})\d*/, '$1'));
}

function lastProbe(containers: readonly Container[]): { readonly hint?: string } {
  const said = containers.flatMap(({ config, state }) => {
    const probe = state.health?.log.at(-1);
    return probe === undefined || probe.exitCode === 0
      ? []
      : [`the health check of ${config.name} exited with ${String(probe.exitCode)}: ${probe.output.trim()}`];
  });
  return said.length === 0 ? {} : { hint: said.join('; ') };
}
