import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { MydockerError } from '../../errors.ts';
import type { ContainerConfig } from '../../model/container.ts';
import type { StartOptions } from '../../model/runtime.ts';
import type { Session } from '../core/core.ts';
import { detachKeyBytes } from './detach-keys.ts';
import { explainMount } from './explain-mount.ts';
import { launchFacts } from './launch-facts.ts';
import { launchRequest, type AttachWish } from './launch-request.ts';
import type { ContainerPaths } from './paths.ts';
import type { ContainerServices } from './services.ts';
import { settledState } from './settled-state.ts';
import { sweepAbandoned } from './sweep.ts';
import { whileThere } from './while-there.ts';

const DETACH_KEYS = 'ctrl-p,ctrl-q';

/** Starts a container that does not run; undefined when it runs already. The session of an attached start ends with the container. */
export async function startContainer(services: ContainerServices, id: string, options: StartOptions = {}): Promise<Session | undefined> {
  const release = await services.launches.take();
  try {
    return await startUnlessRunning(services, id, options);
  } finally {
    release();
  }
}

async function startUnlessRunning(services: ContainerServices, id: string, options: StartOptions): Promise<Session | undefined> {
  return withContainer(services, id, async (config) => {
    const paths = services.records.paths(id);
    const { state, abandoned, record } = await settledState(services.context, paths, id);
    if (state.status === 'paused') {
      throw new MydockerError('state', `container ${config.name} is paused`, { hint: 'Unpause it: mydocker unpause.' });
    }
    if (state.status === 'running' || state.status === 'restarting') return undefined;
    if (abandoned && record !== undefined) await sweepAbandoned(services, config, paths, record);
    mkdirSync(paths.run, { recursive: true, mode: 0o700 });
    if (options.owesHooks === true) oweHooks(paths);
    else rmSync(paths.hooksOwed, { force: true });
    return launch(services, config, options.attach === undefined ? undefined : attachWish(options.attach));
  });
}

/** Until the hooks have run; it need not survive a power cut, which no container survives. */
export function oweHooks({ hooksOwed }: Pick<ContainerPaths, 'hooksOwed'>): void {
  writeFileSync(hooksOwed, '', { mode: 0o600 });
}

async function launch(services: ContainerServices, config: ContainerConfig, attach: AttachWish | undefined): Promise<Session> {
  const moved = services.cgroups.moveCore();
  moved.catch(() => undefined); // told below, when it is waited for
  const network = await services.networks.prepareStart(config, { dataDir: services.records.paths(config.id).data });
  try {
    const withSysctls = { ...config, sysctls: { ...network.sysctls, ...config.sysctls } };
    const facts = await launchFacts(services, config, network, attach);
    const { fields, warnings } = launchRequest(withSysctls, facts);
    for (const warning of warnings) services.context.warn(warning);
    await moved;
    const session = await services.context.core.open('start', fields);
    for (const warning of warningsOf(session.reply['warnings'])) services.context.warn(warning);
    return session;
  } catch (error) {
    await network.abandon();
    throw network.explain(explainMount(services, config, error));
  }
}

function warningsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function attachWish({ stdin, stdout, stderr, detachKeys, sigProxy }: NonNullable<StartOptions['attach']>): AttachWish {
  return { stdin, stdout, stderr, detachKeys: detachKeyBytes(detachKeys ?? DETACH_KEYS), sigProxy: sigProxy ?? true };
}

/** Runs `use` with the container's record while no other command starts, removes or changes it. */
export async function withContainer<T>(services: ContainerServices, id: string, use: (config: ContainerConfig) => Promise<T>): Promise<T> {
  const { context, records } = services;
  const paths = records.paths(id);
  return whileThere(paths, id, () =>
    context.locks.withLock(paths.lock, async () => {
      const config = records.read(id);
      if (config === undefined) throw new MydockerError('not-found', `no such container: ${id}`);
      return use(config);
    }),
  );
}
