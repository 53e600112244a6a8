import { setTimeout as sleep } from 'node:timers/promises';
import type { Container } from '../model/runtime.ts';
import { readUsage, type ResourceUsage } from '../runtime/usage/read-usage.ts';
import { humanBinarySize, humanSize } from '../ui/human.ts';
import { formatRows, type Column } from '../ui/rows.ts';
import { isTerminal, writeOut } from '../util/stdio.ts';

export interface UsageOptions {
  readonly format: string;
  /** Again and again until SIGINT. */
  readonly stream: boolean;
  readonly trunc: boolean;
}

const SAMPLE_MS = 250;
const REFRESH_MS = 1000;

const COLUMNS: readonly Column[] = [
  { heading: 'CONTAINER ID', field: 'ID' },
  { heading: 'NAME', field: 'Name' },
  { heading: 'CPU %', field: 'CPUPerc' },
  { heading: 'MEM USAGE / LIMIT', field: 'MemUsage' },
  { heading: 'MEM %', field: 'MemPerc' },
  { heading: 'NET I/O', field: 'NetIO' },
  { heading: 'BLOCK I/O', field: 'BlockIO' },
  { heading: 'PIDS', field: 'PIDs' },
];

/** Prints what containers use; `read` says which ones, each time anew. */
export async function showUsage(read: () => Promise<readonly Container[]>, options: UsageOptions): Promise<void> {
  let before = new Map((await read()).map((container) => [container.config.id, readUsage(container)]));
  await sleep(SAMPLE_MS);
  do {
    const containers = await read();
    const now = new Map(containers.map((container) => [container.config.id, readUsage(container)]));
    const rows = containers.map((container) => usageRow(container, before.get(container.config.id), now.get(container.config.id), options));
    const clear = options.stream && isTerminal(1) ? '\u001b[H\u001b[J' : '';
    writeOut(clear + formatRows(rows, { format: options.format, columns: COLUMNS }));
    before = now;
    if (options.stream) await sleep(REFRESH_MS);
  } while (options.stream);
}

function usageRow(
  { config, state }: Container,
  before: ResourceUsage | undefined,
  now: ResourceUsage | undefined,
  { trunc }: UsageOptions,
): Readonly<Record<string, string>> {
  const id = trunc ? config.id.slice(0, 12) : config.id;
  if (now === undefined || state.pid === 0) {
    return {
      BlockIO: '0B / 0B',
      CPUPerc: '0.00%',
      Container: config.id,
      ID: id,
      MemPerc: '0.00%',
      MemUsage: '0B / 0B',
      Name: config.name,
      NetIO: '0B / 0B',
      PIDs: '0',
    };
  }
  const elapsedNs = before === undefined ? 0 : (now.atMs - before.atMs) * 1e6;
  const cpu = before === undefined || elapsedNs <= 0 ? 0 : (Math.max(0, now.cpuNs - before.cpuNs) / elapsedNs) * 100;
  return {
    BlockIO: `${humanSize(now.blockRead)} / ${humanSize(now.blockWritten)}`,
    CPUPerc: `${cpu.toFixed(2)}%`,
    Container: config.id,
    ID: id,
    MemPerc: `${((now.memory / now.memoryLimit) * 100).toFixed(2)}%`,
    MemUsage: `${humanBinarySize(now.memory)} / ${humanBinarySize(now.memoryLimit)}`,
    Name: config.name,
    NetIO: `${humanSize(now.netReceived)} / ${humanSize(now.netSent)}`,
    PIDs: String(now.processes),
  };
}
