import { setTimeout as sleep } from 'node:timers/promises';
import { MydockerError } from '../errors.ts';
import type { Hook, UpdateContainer } from '../model/plan.ts';
import { provisionalName } from '../plan/container-facts.ts';
import { signalNumber } from '../util/signals.ts';
import { containerByName, containerIdOf, type ApplyContext } from './apply-context.ts';
import type { Handlers } from './apply-plan.ts';
import { draftFor } from './draft-for.ts';
import { runHooks } from './hooks.ts';
import { unlessGone } from './unless-gone.ts';

type ContainerHandlers = Pick<
  Handlers,
  | 'create-container'
  | 'recreate-container'
  | 'update-container'
  | 'rename-container'
  | 'start-container'
  | 'stop-container'
  | 'restart-container'
  | 'kill-container'
  | 'pause-container'
  | 'unpause-container'
  | 'remove-container'
>;

export function containerHandlers(context: ApplyContext): ContainerHandlers {
  const { containers } = context.runtime;
  return {
    'create-container': async ({ service, number, name }) => {
      context.made.set(name, await containers.create(await draftFor(context, { service, number, name })));
    },
    'recreate-container': (operation) => recreate(context, operation),
    'update-container': (operation) => update(context, operation),
    'rename-container': ({ containerId, name }) => containers.rename(containerId, name),
    'start-container': async (operation) => {
      const id = containerIdOf(context, operation);
      await containers.start(id, { owesHooks: operation.postStart.length > 0 });
      await postStartHooks(context, id, operation.postStart);
    },
    'stop-container': ({ containerId, timeout, preStop }) => unlessGone(stop(context, containerId, timeout, preStop)),
    'restart-container': async ({ containerId, timeout, preStop, postStart }) => {
      await preStopHooks(context, containerId, preStop);
      await containers.restart(containerId, { owesHooks: postStart.length > 0, ...(timeout === undefined ? {} : { timeout }) });
      await postStartHooks(context, containerId, postStart);
    },
    'kill-container': ({ containerId, signal }) => kill(context, containerId, signal),
    'pause-container': ({ containerId }) => containers.pause(containerId),
    'unpause-container': ({ containerId }) => containers.unpause(containerId),
    'remove-container': ({ containerId, force, volumes }) => containers.remove(containerId, { force, volumes }),
  };
}

const KILL = 9;
const KILL_WAIT_MS = 10_000;
const POLL_MS = 20;

/** SIGKILL is done when the process is gone, so that the next command does not meet it; another signal may mean anything. */
async function kill(context: ApplyContext, id: string, signal: string): Promise<void> {
  const before = await context.runtime.containers.get(id);
  await context.runtime.containers.kill(id, signal);
  if (signalNumber(signal) !== KILL) return;
  const deadline = Date.now() + KILL_WAIT_MS;
  while (Date.now() < deadline) {
    const state = (await containerByName(context, id))?.state;
    if (state?.pid !== before.state.pid || state.status !== before.state.status) return;
    await sleep(POLL_MS);
  }
}

/** The labels come last: they say that the rest is done, and until then the plan does not count it as done. */
async function update(context: ApplyContext, { containerId, service, number, name }: UpdateContainer): Promise<void> {
  const { containers, networks } = context.runtime;
  const { network, resources, restart, labels } = await draftFor(context, { service, number, name });
  const { config } = await containers.get(containerId);
  for (const { network: on, aliases } of network.endpoints) {
    const now = config.network.endpoints.find((endpoint) => endpoint.network === on);
    if (now !== undefined && !equal(now.aliases, aliases)) await networks.updateEndpoint(on, containerId, { aliases });
  }
  if (!equal(config.network.ports, network.ports)) await networks.publish(containerId, network.ports);
  await containers.update(containerId, { resources, restart, labels });
}

function equal(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** The new container exists before the old one goes, so that a failure to make it costs nothing. */
async function recreate(context: ApplyContext, operation: Parameters<Handlers['recreate-container']>[0]): Promise<void> {
  const { containers } = context.runtime;
  const { containerId, service, number, name, renewVolumes } = operation;
  const old = await containers.get(containerId);
  const carriedVolumes = new Map<string, string>();
  if (!renewVolumes) {
    for (const mount of old.config.mounts) {
      if (mount.type === 'volume' && mount.anonymous) carriedVolumes.set(mount.target, mount.volume);
    }
  }
  const draft = await draftFor(context, { service, number, name, carriedVolumes });
  const id = await containers.create({ ...draft, name: provisionalName(containerId, name) });
  try {
    await toleratedHooks(context, containerId, operation.preStop);
    await stop(context, containerId, operation.timeout, []);
    await containers.remove(containerId, { volumes: renewVolumes });
  } catch (error) {
    await containers.remove(id, { force: true });
    throw error;
  }
  await containers.rename(id, name);
  context.made.set(name, id);
}

async function stop(context: ApplyContext, id: string, timeout: number | undefined, preStop: readonly Hook[]): Promise<void> {
  await preStopHooks(context, id, preStop);
  await context.runtime.containers.stop(id, timeout === undefined ? {} : { timeout });
}

/** A start that is cut off before they have run is made up for by the next `up`; hooks that failed are not run again. */
async function postStartHooks(context: ApplyContext, id: string, hooks: readonly Hook[]): Promise<void> {
  if (hooks.length === 0) return;
  try {
    await runHooks(context, id, 'post_start', hooks);
  } finally {
    await context.runtime.containers.hooksDone(id);
  }
}

/** A hook that fails keeps the container as it is; only one that is replaced goes nevertheless, with a warning. */
async function toleratedHooks(context: ApplyContext, id: string, hooks: readonly Hook[]): Promise<void> {
  try {
    await preStopHooks(context, id, hooks);
  } catch (error) {
    if (!(error instanceof MydockerError)) throw error;
    context.warn(error.message);
  }
}

async function preStopHooks(context: ApplyContext, id: string, hooks: readonly Hook[]): Promise<void> {
  if (hooks.length === 0) return;
  const { state } = await context.runtime.containers.get(id);
  if (state.status !== 'running') return;
  await runHooks(context, id, 'pre_stop', hooks);
}
