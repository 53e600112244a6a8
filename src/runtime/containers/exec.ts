import { MydockerError } from '../../errors.ts';
import type { ContainerConfig } from '../../model/container.ts';
import type { ExecOptions, ExecResult } from '../../model/runtime.ts';
import { becomeRelay } from '../core/become-relay.ts';
import type { Fields } from '../core/frame.ts';
import { numberOf, textOf } from '../core/reply.ts';
import { capabilitiesOf, maskOf } from './capabilities.ts';
import { planCgroups } from './cgroup-plan.ts';
import { eventFields } from './event-fields.ts';
import { observeState } from './read-state.ts';
import { hasAppArmor } from './apparmor.ts';
import type { HostCgroups } from './host-cgroups.ts';
import type { ContainerServices } from './services.ts';
import { detachKeyBytes } from './detach-keys.ts';
import { terminalSize, withForwardedSignals } from './foreground.ts';

/** Runs a further process in a running container. */
export async function execInContainer(services: ContainerServices, id: string, options: ExecOptions): Promise<ExecResult> {
  const { context, records } = services;
  const config = records.read(id);
  if (config === undefined) throw new MydockerError('not-found', `no such container: ${id}`);
  const paths = records.paths(id);
  const { state, record } = observeState(paths, id);
  if (record === undefined || state.pid === 0) {
    throw new MydockerError('state', `container ${config.name} is not running`, { hint: 'Start it first.' });
  }
  if (state.status === 'paused') throw new MydockerError('state', `container ${config.name} is paused`, { hint: 'Unpause it first.' });
  const process = { pid: record.pid, start: record.pidStart };
  const fields = [
    ...placeFields(services.cgroups, config, paths.run, process),
    ...eventFields(config, context.events.path),
    ...processFields(config, options),
    ...(await privilegeFields(services, config, options)),
    ...stdioFields(options),
  ];
  if (options.last !== undefined && options.mode === 'relay' && options.tty !== true && context.core.pid === undefined) {
    becomeRelay(context.core.path, fields, options.last());
  }
  const session = await context.core.open('exec', fields);
  if (options.mode === 'detach') return { exitCode: 0, stdout: new Uint8Array(), stderr: new Uint8Array() };
  const end = options.mode === 'relay' ? await withForwardedSignals(context.core, session.end) : await session.end;
  return {
    exitCode: numberOf(end, 'code'),
    stdout: Buffer.from(textOf(end, 'stdout'), 'base64'),
    stderr: Buffer.from(textOf(end, 'stderr'), 'base64'),
  };
}

function placeFields(
  cgroups: HostCgroups,
  config: ContainerConfig,
  runDir: string,
  { pid, start }: { readonly pid: number; readonly start: number },
): Fields {
  const { procs } = planCgroups({ id: config.id, resources: { ...config.resources, blkioDevices: [] } }, cgroups.facts({ resources: {} }));
  return [['run_dir', runDir], ['pid', String(pid)], ['pid_start', String(start)], ...procs.map((path) => ['cgroup.procs', path] as const)];
}

function processFields(config: ContainerConfig, { args, env = [], cwd, user, tty = false }: ExecOptions): Fields {
  return [
    ['user', user ?? config.process.user],
    ...(user === undefined ? config.process.groupAdd.map((group) => ['group', group] as const) : []),
    ['cwd', cwd ?? (config.process.cwd === '' ? '/' : config.process.cwd)],
    ...mergedEnv(config, env, tty).map((entry) => ['env', entry] as const),
    ...config.process.ulimits.map(({ name, soft, hard }) => ['rlimit', `${name.toUpperCase()} ${limit(soft)} ${limit(hard)}`] as const),
    ...args.map((arg) => ['arg', arg] as const),
  ];
}

function limit(value: number): string {
  return value < 0 ? 'unlimited' : String(value);
}

/** The container's environment, then what this process adds; the later of two with one name counts. */
function mergedEnv({ process, hostname }: ContainerConfig, added: readonly string[], tty: boolean): readonly string[] {
  const entries = new Map<string, string>();
  const defaults = [
    'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    `HOSTNAME=${hostname}`,
    ...(tty ? ['TERM=xterm'] : []),
  ];
  for (const entry of [...defaults, ...process.env, ...added]) entries.set(entry.split('=', 1)[0] ?? entry, entry);
  return [...entries.values()];
}

async function privilegeFields(
  { seccomp }: ContainerServices,
  { security }: ContainerConfig,
  { privileged = false }: ExecOptions,
): Promise<Fields> {
  const effective = privileged ? { ...security, privileged: true } : security;
  const mask = maskOf(capabilitiesOf(effective));
  const filter = privileged ? undefined : await seccomp.file({ security });
  return [
    ['cap.bounding', mask],
    ['cap.effective', mask],
    ['cap.permitted', mask],
    ['cap.inheritable', '0'],
    ['cap.ambient', '0'],
    ['no_new_privs', security.noNewPrivileges && !privileged ? '1' : '0'],
    ['privileged', privileged ? '1' : '0'],
    ...(filter === undefined ? [] : ([['seccomp', filter]] as const)),
    ...(security.apparmor === undefined || privileged || !hasAppArmor() ? [] : ([['apparmor', security.apparmor]] as const)),
  ];
}

function stdioFields({ mode, tty = false, stdin = false, detachKeys }: ExecOptions): Fields {
  return [
    ['tty', tty ? '1' : '0'],
    ...(tty ? terminalSize() : []),
    ['stdin', stdin ? '1' : '0'],
    ['foreground', mode === 'detach' ? '0' : '1'],
    ...(mode === 'detach' ? [] : ([['output', mode]] as const)),
    ['detach_keys', detachKeyBytes(detachKeys ?? 'ctrl-p,ctrl-q')],
  ];
}
