import { existsSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa, type ExecaError } from 'execa';
import { MydockerError } from '../../errors.ts';
import { errnoOf } from '../../util/errno.ts';
import { syncFolder } from '../store/json-file.ts';
import { unitText, type UnitFacts } from './unit.ts';

const UNIT_NAME = 'mydocker.service';

export interface AutostartStatus {
  /** Path of the unit; absent when it is not installed. */
  readonly unit?: string;
  /** What systemd says: `enabled`, `disabled`, …; `unknown` where systemd does not run. */
  readonly enabled: string;
  readonly active: string;
}

/** Installs the unit and enables it; running it again brings it up to date. Starts nothing. Returns the unit's path. */
export async function enableAutostart(facts: UnitFacts, folder = '/etc/systemd/system'): Promise<string> {
  const path = join(folder, UNIT_NAME);
  await install(path, unitText(facts), folder);
  if (systemdRuns()) {
    await systemctl('daemon-reload');
    await systemctl('enable', UNIT_NAME);
  }
  return path;
}

/** Not an error when it is not installed. Running containers go on. */
export async function disableAutostart(folder = '/etc/systemd/system'): Promise<boolean> {
  const path = join(folder, UNIT_NAME);
  if (!existsSync(path)) return false;
  if (systemdRuns()) await systemctl('disable', UNIT_NAME);
  await rm(path);
  await syncFolder(folder);
  if (systemdRuns()) await systemctl('daemon-reload');
  return true;
}

export async function autostartStatus(folder = '/etc/systemd/system'): Promise<AutostartStatus> {
  const path = join(folder, UNIT_NAME);
  const unit = existsSync(path) ? { unit: path } : {};
  if (!systemdRuns()) return { ...unit, enabled: 'unknown', active: 'unknown' };
  return { ...unit, enabled: await answerOf('is-enabled'), active: await answerOf('is-active') };
}

/** Whether systemd is this machine's init (sd_booted(3)). */
export function systemdRuns(): boolean {
  return existsSync('/run/systemd/system');
}

async function install(path: string, text: string, folder: string): Promise<void> {
  if (!existsSync(folder)) {
    throw new MydockerError('host', `there is no folder ${folder}: this machine does not use systemd`, {
      resource: 'autostart',
      hint: 'Let your own init call `mydocker-compose autostart start` at boot and `mydocker-compose autostart stop` at shutdown.',
    });
  }
  if (existsSync(path) && (await readFile(path, 'utf8')) === text) return;
  const temporary = `${path}.tmp`;
  try {
    // Units are read by every user's systemctl: unlike our own files this one is 0644.
    await writeFile(temporary, text, { mode: 0o644, flush: true });
    await rename(temporary, path);
    await syncFolder(folder);
  } catch (cause) {
    throw new MydockerError('host', `cannot write ${path}: ${errnoOf(cause)}`, { resource: 'autostart', hint: 'Run it as root.', cause });
  }
}

async function systemctl(...args: readonly string[]): Promise<void> {
  try {
    await execa('systemctl', [...args], { stdin: 'ignore' });
  } catch (cause) {
    const { stderr } = cause as ExecaError;
    throw new MydockerError('host', `systemctl ${args.join(' ')} failed: ${String(stderr)}`, { resource: 'autostart', cause });
  }
}

/** `is-enabled` and `is-active` tell by their text; their exit status only says whether it is the good one. */
async function answerOf(question: string): Promise<string> {
  const { stdout } = await execa('systemctl', [question, UNIT_NAME], { stdin: 'ignore', reject: false });
  return stdout.trim() === '' ? 'not-found' : stdout.trim();
}
