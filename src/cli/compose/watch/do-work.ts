import { lstatSync } from 'node:fs';
import { posix } from 'node:path';
import { MydockerError } from '../../../errors.ts';
import type { WatchTrigger } from '../../../model/service.ts';
import type { Desired } from '../../../plan/desired.ts';
import { replicasOf } from '../../../plan/container-facts.ts';
import type { SyncPath, WatchWork } from '../../../plan/watch-rules.ts';
import { PLAIN_UP } from '../../../plan/up-request.ts';
import { inTurn } from '../session/in-turn.ts';
import { reconcile } from '../session/reconcile.ts';
import { projectContainers } from '../session/observe.ts';
import type { Session } from '../session/session.ts';

type Container = ReturnType<typeof replicasOf>[number];

/** Does what a batch of changes asks for one service. */
export async function doWork(session: Session, desired: Desired, work: WatchWork): Promise<void> {
  const { service } = work;
  if (work.rebuild) {
    say(`Rebuilding service "${service}" after changes were detected...`);
    const request = { ...PLAIN_UP, services: [service], noDeps: true, build: 'always' as const };
    await reconcile(session, desired, request, { adopt: false, plain: true });
    say(`service "${service}" successfully built`);
    return;
  }
  const runtime = await session.runtime();
  const containers = replicasOf(await projectContainers(runtime, desired.project.name), service).filter(
    ({ state }) => state.status === 'running',
  );
  if (work.syncs.length > 0) {
    say(`Syncing service "${service}" after ${String(work.syncs.length)} changes were detected`);
    for (const container of containers) for (const path of work.syncs) await sync(session, container, path);
  }
  for (const { exec } of work.hooks) for (const container of containers) await runHook(session, container, exec);
  if (!work.restart) return;
  say(`Restarting service "${service}" after changes were detected...`);
  await inTurn(session, { name: desired.project.name, desired }, async () => {
    await Promise.all(containers.map(({ config }) => runtime.containers.restart(config.id)));
  });
  say(`service(s) ["${service}"] restarted`);
}

/** Copies what is there, removes what is not. */
export async function sync(session: Session, { config }: Container, { host, target }: SyncPath): Promise<void> {
  const runtime = await session.runtime();
  const status = lstatSync(host, { throwIfNoEntry: false });
  const exec = (...args: readonly string[]): Promise<{ readonly exitCode: number; readonly stderr: Uint8Array }> =>
    runtime.containers.exec(config.id, { args, user: '0', cwd: '/', mode: 'capture' });
  if (status === undefined) {
    const { exitCode, stderr } = await exec('rm', '-rf', target);
    if (exitCode !== 0)
      throw new MydockerError('runtime', `cannot remove ${target}: ${Buffer.from(stderr).toString().trim()}`, {
        resource: `container ${config.name}`,
      });
    return;
  }
  const folder = status.isDirectory() ? target : posix.dirname(target);
  await exec('mkdir', '-p', folder);
  const source = status.isDirectory() ? `${host}/.` : host;
  await runtime.files.copyTo(config.id, source, status.isDirectory() ? folder : target, { followLink: false, archive: false });
}

async function runHook(session: Session, { config }: Container, hook: WatchTrigger['exec']): Promise<void> {
  if (hook?.command === undefined) return;
  const runtime = await session.runtime();
  const { exitCode, stdout, stderr } = await runtime.containers.exec(config.id, {
    args: hook.command,
    mode: 'capture',
    env: Object.entries(hook.environment ?? {}).map(([key, value]) => `${key}=${value ?? ''}`),
    privileged: hook.privileged === true,
    ...(hook.user === undefined ? {} : { user: hook.user }),
    ...(hook.working_dir === undefined ? {} : { cwd: hook.working_dir }),
  });
  process.stdout.write(Buffer.concat([stdout, stderr]));
  if (exitCode !== 0)
    throw new MydockerError('runtime', `\`${hook.command.join(' ')}\` exited with status ${String(exitCode)}`, {
      resource: `container ${config.name}`,
    });
}

export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
