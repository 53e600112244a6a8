import { readdirSync } from 'node:fs';
import { totalmem } from 'node:os';
import type { Container } from '../../model/runtime.ts';
import { readCgroupHost, type CgroupHost } from '../containers/cgroup-host.ts';
import { cgroupPathOf } from '../containers/cgroup-plan.ts';
import { textOfFile } from '../../util/text-of-file.ts';

/** What a container uses now; counters since its start. Bytes unless said otherwise. */
export interface ResourceUsage {
  /** When this was read, in milliseconds of a monotonic clock. */
  readonly atMs: number;
  readonly cpuNs: number;
  /** Without the page cache that can be given back at any time. */
  readonly memory: number;
  readonly memoryLimit: number;
  readonly netReceived: number;
  readonly netSent: number;
  readonly blockRead: number;
  readonly blockWritten: number;
  readonly processes: number;
}

/** Where one hierarchy has this controller's files for the container. */
function controllerFolder(
  host: CgroupHost,
  controller: string,
  path: string,
): { readonly folder: string; readonly version: 1 | 2 } | undefined {
  const v1 = host.v1.get(controller);
  if (v1 !== undefined) return { folder: v1 + path, version: 1 };
  const isV2 = host.v2 !== undefined && (controller === 'cpuacct' || host.v2.controllers.has(controller));
  return isV2 ? { folder: host.v2.root + path, version: 2 } : undefined;
}

export function readUsage({ config, state }: Container): ResourceUsage {
  const host = readCgroupHost();
  const path = cgroupPathOf(config);
  return {
    atMs: performance.now(),
    cpuNs: cpuTime(host, path),
    ...memoryUse(host, path),
    ...networkUse(state.pid),
    ...blockUse(host, path),
    processes: processCount(host, path),
  };
}

function cpuTime(host: CgroupHost, path: string): number {
  const place = controllerFolder(host, 'cpuacct', path);
  if (place === undefined) return 0;
  return place.version === 1
    ? numberIn(`${place.folder}/cpuacct.usage`)
    : (fields(`${place.folder}/cpu.stat`).get('usage_usec') ?? 0) * 1000;
}

function memoryUse(host: CgroupHost, path: string): { readonly memory: number; readonly memoryLimit: number } {
  const place = controllerFolder(host, 'memory', path);
  if (place === undefined) return { memory: 0, memoryLimit: totalmem() };
  const stat = fields(`${place.folder}/memory.stat`);
  const used = numberIn(`${place.folder}/${place.version === 1 ? 'memory.usage_in_bytes' : 'memory.current'}`);
  const cache = stat.get(place.version === 1 ? 'total_inactive_file' : 'inactive_file') ?? 0;
  const limit = numberIn(`${place.folder}/${place.version === 1 ? 'memory.limit_in_bytes' : 'memory.max'}`);
  return { memory: Math.max(0, used - cache), memoryLimit: limit === 0 ? totalmem() : Math.min(limit, totalmem()) };
}

/** Of all interfaces of its network namespace but loopback. */
function networkUse(pid: number): { readonly netReceived: number; readonly netSent: number } {
  let netReceived = 0;
  let netSent = 0;
  for (const line of textOfFile(`/proc/${String(pid)}/net/dev`)
    .split('\n')
    .slice(2)) {
    const [name = '', rest = ''] = line.split(':');
    if (rest === '' || name.trim() === 'lo') continue;
    const numbers = rest.trim().split(/\s+/).map(Number);
    netReceived += numbers[0] ?? 0;
    netSent += numbers[8] ?? 0;
  }
  return { netReceived, netSent };
}

function blockUse(host: CgroupHost, path: string): { readonly blockRead: number; readonly blockWritten: number } {
  const place = controllerFolder(host, host.v1.has('blkio') ? 'blkio' : 'io', path);
  if (place === undefined) return { blockRead: 0, blockWritten: 0 };
  const text = textOfFile(`${place.folder}/${place.version === 1 ? 'blkio.throttle.io_service_bytes' : 'io.stat'}`);
  const total = (pattern: RegExp): number => [...text.matchAll(pattern)].reduce((sum, [, bytes]) => sum + Number(bytes), 0);
  return place.version === 1
    ? { blockRead: total(/ Read (\d+)/g), blockWritten: total(/ Write (\d+)/g) }
    : { blockRead: total(/rbytes=(\d+)/g), blockWritten: total(/wbytes=(\d+)/g) };
}

function processCount(host: CgroupHost, path: string): number {
  const place = controllerFolder(host, 'pids', path);
  return place === undefined ? processIds(host, path).length : numberIn(`${place.folder}/pids.current`);
}

/** Host ids of every process in the container's cgroup and the ones below it. */
export function processIds(host: CgroupHost, path: string): readonly number[] {
  const root = host.v2?.root ?? [...host.v1.values()][0];
  return root === undefined ? [] : idsBelow(root + path);
}

function idsBelow(folder: string): readonly number[] {
  const own = textOfFile(`${folder}/cgroup.procs`).split('\n').filter(Boolean).map(Number);
  let children: readonly string[] = [];
  try {
    children = readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  } catch {
    // The container has just ended and its cgroup with it.
  }
  return [...own, ...children.flatMap((name) => idsBelow(`${folder}/${name}`))];
}

function fields(path: string): ReadonlyMap<string, number> {
  return new Map(
    textOfFile(path)
      .split('\n')
      .map((line) => line.split(' '))
      .map(([key = '', value]) => [key, Number(value)] as const),
  );
}

/** 0 for `max` and for a file that is not there. */
function numberIn(path: string): number {
  const value = Number(textOfFile(path).trim());
  return Number.isFinite(value) ? value : 0;
}
