import { spawn } from 'node:child_process';
import type { Contender } from './contender.ts';

/** Milliseconds of each run, by contender and row. */
export class Samples {
  readonly #values = new Map<string, Map<string, number[]>>();

  add(row: string, contender: Contender, value: number): void {
    const byContender = this.#values.get(row) ?? new Map<string, number[]>();
    this.#values.set(row, byContender);
    const values = byContender.get(contender.name) ?? [];
    byContender.set(contender.name, values);
    values.push(value);
  }

  rows(): string[] {
    return [...this.#values.keys()];
  }

  median(row: string, contender: Contender | undefined): number | undefined {
    return contender === undefined ? undefined : median(this.#values.get(row)?.get(contender.name) ?? []);
  }
}

export function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : sorted.length === 0 ? undefined : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export interface Output {
  readonly milliseconds: number;
  readonly stdout: string;
}

/** Runs a whole command to its end, as a user's shell would; throws when it fails. */
export async function time(
  contender: Contender,
  command: readonly string[],
  options: { readonly input?: string; readonly cwd?: string } = {},
): Promise<Output> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(command[0]!, command.slice(1), {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...contender.env },
      ...(options.cwd !== undefined && { cwd: options.cwd }),
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
    child.on('error', reject);
    child.on('close', (status) => {
      const milliseconds = performance.now() - started;
      if (status === 0) resolve({ milliseconds, stdout });
      else reject(new Error(`${command.join(' ')}: status ${String(status)}\n${stderr.slice(-2000)}`));
    });
  });
}
