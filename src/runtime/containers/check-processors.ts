import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { MydockerError } from '../../errors.ts';
import type { ResourceLimits } from '../../model/container.ts';

/** Refuses more processors than this machine has, and a list of them that names others. */
export function checkProcessors({ nanoCpus, cpusetCpus, cpusetMems }: ResourceLimits): void {
  const count = availableParallelism();
  if (nanoCpus !== undefined && nanoCpus > count * 1e9) {
    throw new MydockerError(
      'invalid',
      `range of CPUs is from 0.01 to ${count.toFixed(2)}, as there are only ${String(count)} CPUs available`,
    );
  }
  checkList('CPUs', cpusetCpus, '/sys/devices/system/cpu/online');
  checkList('memory nodes', cpusetMems, '/sys/devices/system/node/online');
}

function checkList(what: string, text: string | undefined, path: string): void {
  if (text === undefined || text === '') return;
  const wanted = numbersOf(text);
  if (wanted === undefined) throw new MydockerError('invalid', `invalid list of ${what} ${JSON.stringify(text)}: write for example 0-2,4`);
  const available = readOnline(path);
  const there = available === undefined ? undefined : numbersOf(available);
  if (there !== undefined && !wanted.every((number) => there.includes(number))) {
    throw new MydockerError('invalid', `requested ${what} are not available: requested ${text}, available: ${available ?? ''}`);
  }
}

function readOnline(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined; // a kernel without memory nodes: setting them tells
  }
}

const MOST = 8192;

/** `0-2,4` as numbers; undefined when it is no such list. */
function numbersOf(text: string): readonly number[] | undefined {
  const numbers: number[] = [];
  for (const part of text.split(',')) {
    const [, first, last = first] = /^\s*(\d+)(?:-(\d+))?\s*$/.exec(part) ?? [];
    if (first === undefined || Number(last) < Number(first) || Number(last) > MOST) return undefined;
    for (let number = Number(first); number <= Number(last); number++) numbers.push(number);
  }
  return numbers;
}
