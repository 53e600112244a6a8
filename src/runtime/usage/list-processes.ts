import type { Container } from '../../model/runtime.ts';
import { readCgroupHost } from '../containers/cgroup-host.ts';
import { cgroupPathOf } from '../containers/cgroup-plan.ts';
import { textOfFile } from '../../util/text-of-file.ts';
import { processIds } from './read-usage.ts';

/** A row of `ps -ef`, with the host's numbers. */
export interface ProcessRow {
  readonly uid: string;
  readonly pid: number;
  readonly ppid: number;
  /** CPU use in percent over its life. */
  readonly c: number;
  /** When it started, `HH:MM`. */
  readonly stime: string;
  readonly tty: string;
  /** `HH:MM:SS` of CPU time. */
  readonly time: string;
  readonly cmd: string;
}

/** The kernel's USER_HZ: 100 on every architecture that Linux reports it on. */
const TICKS = 100;

export function listProcesses({ config }: Container, now: Date): readonly ProcessRow[] {
  const ids = [...processIds(readCgroupHost(), cgroupPathOf(config))].sort((a, b) => a - b);
  const users = userNames();
  const bootMs = now.getTime() - Number(textOfFile('/proc/uptime').split(' ')[0] ?? 0) * 1000;
  return ids.map((pid) => processRow(pid, users, bootMs, now)).filter((row) => row !== undefined);
}

function processRow(pid: number, users: ReadonlyMap<string, string>, bootMs: number, now: Date): ProcessRow | undefined {
  const stat = textOfFile(`/proc/${String(pid)}/stat`);
  const end = stat.lastIndexOf(')');
  if (end < 0) return undefined;
  const name = stat.slice(stat.indexOf('(') + 1, end);
  const numbers = stat.slice(end + 2).split(' ');
  const seconds = (Number(numbers[11]) + Number(numbers[12])) / TICKS;
  const started = new Date(bootMs + (Number(numbers[19]) / TICKS) * 1000);
  const uid = /^Uid:\s+(\d+)/m.exec(textOfFile(`/proc/${String(pid)}/status`))?.[1] ?? '0';
  const words = textOfFile(`/proc/${String(pid)}/cmdline`)
    .split('\0')
    .filter(Boolean);
  const lifeSeconds = Math.max(1, (now.getTime() - started.getTime()) / 1000);
  return {
    uid: users.get(uid) ?? uid,
    pid,
    ppid: Number(numbers[1]),
    c: Math.min(99, Math.floor((seconds / lifeSeconds) * 100)),
    stime: started.toTimeString().slice(0, 5),
    tty: terminalName(Number(numbers[4])),
    time: new Date(Math.floor(seconds) * 1000).toISOString().slice(11, 19),
    cmd: words.length > 0 ? words.join(' ') : `[${name}]`,
  };
}

function terminalName(device: number): string {
  const major = (device >> 8) & 0xfff;
  const minor = (device & 0xff) | ((device >> 12) & 0xfff00);
  return major >= 136 && major <= 143 ? `pts/${String(minor)}` : '?';
}

function userNames(): ReadonlyMap<string, string> {
  return new Map(
    textOfFile('/etc/passwd')
      .split('\n')
      .map((line) => line.split(':'))
      .map(([name = '', , uid = '']) => [uid, name] as const),
  );
}
