import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pidsOf } from './memory.ts';

/** One of the two that are measured side by side. */
export interface Contender {
  readonly name: string;
  /** What to put before a command so that it runs on this contender's side. */
  readonly prefix: readonly string[];
  /** The same for a program of this machine that only has to be in this contender's network. */
  readonly networkPrefix: readonly string[];
  readonly compose: readonly string[];
  readonly containers: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Processes of this contender's own that stay while containers run: those of each container, and those there once. */
  staying(): { readonly perContainer: readonly number[]; readonly shared: readonly number[] };
  /** Makes a folder with a compose file; returns where commands find it. */
  project(name: string, composeFile: string): string;
  dispose(): void;
}

const dist = new URL('../../dist/', import.meta.url).pathname;

export function ours(): Contender {
  const root = mkdtempSync('/var/tmp/mydocker-bench-');
  const runRoot = mkdtempSync('/run/mydb-');
  return {
    name: 'mydocker-compose',
    prefix: [],
    networkPrefix: [],
    compose: [join(dist, 'mydocker-compose')],
    containers: [join(dist, 'mydocker')],
    env: { MYDOCKER_DATA_ROOT: join(root, 'data'), MYDOCKER_RUN_ROOT: runRoot },
    staying: () => ({ perContainer: supervisors(runRoot), shared: [] }),
    project: (name, composeFile) => writeProject(root, '', name, composeFile),
    dispose: () => {
      rmSync(root, { recursive: true, force: true });
      rmSync(runRoot, { recursive: true, force: true });
    },
  };
}

/**
 * Docker, when it answers. An engine in a root of its own is reached with BENCH_REFERENCE_PREFIX (a command that runs what follows
 * beside that engine), BENCH_REFERENCE_ROOT (that root, seen from here) and BENCH_REFERENCE_NETWORK_PREFIX (a command that runs a
 * program of this machine in that engine's network).
 */
export function reference(): Contender | undefined {
  const words = (name: string): string[] => (process.env[name] ?? '').split(' ').filter((word) => word !== '');
  const prefix = words('BENCH_REFERENCE_PREFIX');
  const outside = process.env['BENCH_REFERENCE_ROOT'] ?? '';
  const command = [...prefix, 'docker', 'compose', 'version'];
  if (spawnSync(command[0]!, command.slice(1), { stdio: 'ignore' }).status !== 0) return undefined;
  const folder = mkdtempSync(join(outside, '/var/tmp/mydocker-bench-'));
  return {
    name: 'docker compose',
    prefix,
    networkPrefix: words('BENCH_REFERENCE_NETWORK_PREFIX'),
    compose: [...prefix, 'docker', 'compose'],
    containers: [...prefix, 'docker'],
    env: {},
    staying: () => ({ perContainer: pidsOf('containerd-shim-runc-v2', 'docker-proxy'), shared: pidsOf('dockerd', 'containerd') }),
    project: (name, composeFile) => writeProject(folder, outside, name, composeFile),
    dispose: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Returns the folder as the contender sees it: without `outside` before it. */
function writeProject(folder: string, outside: string, name: string, composeFile: string): string {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'compose.yaml'), composeFile);
  return path.slice(outside.length);
}

function supervisors(runRoot: string): number[] {
  const folder = join(runRoot, 'containers');
  return readdirSync(folder).map((id) => {
    const state = JSON.parse(readFileSync(join(folder, id, 'state.json'), 'utf8')) as { supervisor: { pid: number } };
    return state.supervisor.pid;
  });
}
