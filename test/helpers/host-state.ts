import { existsSync, readFileSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { run } from './run.ts';

/** Everything on a host that a container runtime could leave behind, as lines a person can read. */
export type HostState = ReadonlySet<string>;

const programs = new Set(['mydocker', 'mydocker-compose', 'mydocker-core']);
const cgroupRoot = '/sys/fs/cgroup';

export async function readHostState(runRoot: string): Promise<HostState> {
  return new Set([...mounts(), ...processes(), ...cgroups(runRoot), ...interfaces(), ...temporaryFiles(), ...(await nftRules())]);
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Mount points, and with them every namespace that a file keeps alive. */
function mounts(): string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [, , , root, target, , ...rest] = line.split(' ');
      return `mount ${target ?? ''} (${rest.slice(rest.indexOf('-') + 1).join(' ')}, ${root ?? ''})`;
    });
}

/** Our programs, and whatever lives in a cgroup of ours; while there is none of them there is no namespace either. */
function processes(): string[] {
  return names('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const commandLine = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        // The core's `serve` and supervisors run from a view of the executable that has no path, but have its name.
        const path = basename(readlinkSync(`/proc/${pid}/exe`)).replace(/ \(deleted\)$/, '');
        const program = path === '' ? basename(commandLine.split(/[ :]/, 1)[0] ?? '') : path;
        const inside = readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes('/mydocker/');
        if (!programs.has(program) && !inside) return [];
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        // A zombie holds nothing but its number, and an init that is not ours may be slow to reap it.
        if (fields[0] === 'Z') return [];
        return [`process ${pid} started ${fields[19] ?? ''}: ${commandLine || program}`];
      } catch {
        return []; // gone, or a kernel thread
      }
    });
}

/** Folders below `/mydocker` of every hierarchy that belong to a container of this run root: its event log names them all. */
function cgroups(runRoot: string): string[] {
  const log = join(runRoot, 'events.jsonl');
  const ids = existsSync(log) ? new Set(readFileSync(log, 'utf8').match(/[0-9a-f]{64}/g) ?? []) : new Set<string>();
  const hierarchies = [cgroupRoot, ...names(cgroupRoot).map((name) => join(cgroupRoot, name))];
  return hierarchies.flatMap((hierarchy) =>
    names(join(hierarchy, 'mydocker'))
      .filter((name) => ids.has(name))
      .map((name) => `cgroup ${join(hierarchy, 'mydocker', name)}`),
  );
}

function interfaces(): string[] {
  return names('/sys/class/net').map((name) => `interface ${name}`);
}

function temporaryFiles(): string[] {
  return names(tmpdir())
    .filter((name) => name.includes('mydocker'))
    .map((name) => `temporary file ${join(tmpdir(), name)}`);
}

async function nftRules(): Promise<string[]> {
  const { stdout } = await run('nft', ['--stateless', 'list', 'ruleset']).catch(() => ({ stdout: '' }));
  return stdout
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /mydocker|mydk|elements/.test(line))
    .map((line) => `nft ${line}`);
}

/** Files and sockets below a run root that describe something running; locks and the event log may stay. */
export function runRootFiles(runRoot: string): string[] {
  const walk = (folder: string): string[] =>
    names(folder).flatMap((name) => {
      const path = join(folder, name);
      return statSync(path, { throwIfNoEntry: false })?.isDirectory() ? walk(path) : [path];
    });
  return ['containers', 'network'].flatMap((folder) => walk(join(runRoot, folder))).map((path) => `run file ${path}`);
}
