import { existsSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ContainerConfig } from '../../model/container.ts';
import type { StateRecord } from '../store/container-record.ts';
import { writeJson } from '../store/json-file.ts';
import { hierarchies, type CgroupHost } from './cgroup-host.ts';
import { cgroupPathOf } from './cgroup-plan.ts';
import type { ContainerPaths } from './paths.ts';
import type { ContainerServices } from './services.ts';

const KILLED = 137;
const KILL_ROUNDS = 500;
const KILL_PAUSE_MS = 10;

/**
 * Clears away what a supervisor that died left: processes, cgroups, the socket; and writes down that the container
 * has ended. May be cut off anywhere and run again.
 */
export async function sweepAbandoned(
  { context, cgroups }: Pick<ContainerServices, 'context' | 'cgroups'>,
  config: ContainerConfig,
  paths: ContainerPaths,
  record: StateRecord,
): Promise<void> {
  await clearCgroups(cgroups.host, config);
  const ended: StateRecord = {
    ...record,
    status: 'exited',
    pid: 0,
    pidStart: 0,
    exitCode: KILLED,
    finishedAt: new Date().toISOString().replace('Z', '000000Z'),
  };
  // After a reboot there is none.
  await mkdir(paths.run, { recursive: true, mode: 0o700 });
  await rm(paths.control, { force: true });
  await writeJson(paths.lastState, ended);
  await writeJson(paths.state, ended, { durable: false });
  const { id, name, image } = config;
  context.events.append({ type: 'container', action: 'die', id, attributes: { exitCode: String(KILLED), image: image.reference, name } });
}

/** The container's folder in each hierarchy. */
export function cgroupFolders(host: CgroupHost, config: Pick<ContainerConfig, 'id' | 'resources'>): readonly string[] {
  const path = cgroupPathOf(config);
  return hierarchies(host).map((root) => root + path);
}

/** Kills every process in the container's cgroups and removes these. */
export async function clearCgroups(host: CgroupHost, config: Pick<ContainerConfig, 'id' | 'resources'>): Promise<void> {
  const folders = cgroupFolders(host, config);
  for (let round = 0; round < KILL_ROUNDS; round += 1) {
    const left = folders.filter((folder) => !removeCgroup(folder));
    if (left.length === 0) return;
    for (const folder of left) killCgroup(folder);
    await delay(KILL_PAUSE_MS);
  }
}

function killCgroup(folder: string): void {
  attempt(() => writeFileSync(join(folder, 'cgroup.kill'), '1'));
  // A process frozen by version 1's freezer dies only when it thaws.
  attempt(() => writeFileSync(join(folder, 'freezer.state'), 'THAWED'));
  for (const pid of processesOf(folder)) attempt(() => process.kill(pid, 'SIGKILL'));
  for (const child of childrenOf(folder)) killCgroup(child);
}

function processesOf(folder: string): readonly number[] {
  try {
    return readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function childrenOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(folder, entry.name));
  } catch {
    return [];
  }
}

/** True when it is gone. */
function removeCgroup(folder: string): boolean {
  // As a rule its supervisor has removed it.
  if (!existsSync(folder)) return true;
  childrenOf(folder).forEach(removeCgroup);
  try {
    rmdirSync(folder);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

function attempt(action: () => void): void {
  try {
    action();
  } catch {
    // Gone, or not of this version: the next round sees what is left.
  }
}
