import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'bun:test';

const stdio = resolve(import.meta.dir, '../../../src/util/stdio.ts');

/** Runs the program with a pipe as standard output that does not block; `read` reads it. */
async function withPipe<T>(program: string, read: (fd: number, child: ChildProcess) => Promise<T>): Promise<{ status: unknown; read: T }> {
  const folder = mkdtempSync(join(tmpdir(), 'stdio-'));
  try {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const reading = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
    const writing = openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK);
    const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', writing, 'inherit'] });
    const ended = new Promise((resolveStatus) => child.on('close', resolveStatus));
    closeSync(writing);
    const result = await read(reading, child);
    return { status: await ended, read: result };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Bytes until the end of the pipe; slowly at first. */
async function countSlowly(fd: number): Promise<number> {
  const buffer = Buffer.alloc(100_000);
  for (let total = 0; ;) {
    await sleep(total < 500_000 ? 5 : 0);
    try {
      const length = readSync(fd, buffer);
      if (length === 0 && total > 0) return total;
      total += length;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  }
}

test('a pipe that does not block and a slow reader get every byte', async () => {
  const program = `const { writeOut } = await import('${stdio}'); for (let i = 0; i < 40; i++) writeOut('x'.repeat(50_000) + '\\n');`;
  expect(await withPipe(program, countSlowly)).toEqual({ read: 2_000_040, status: 0 });
});

test('a reader that has gone ends the program by OutputClosed', async () => {
  const program = `
const { writeOut, OutputClosed } = await import('${stdio}');
try { for (;;) writeOut('x'.repeat(50_000)); } catch (error) { process.exitCode = error instanceof OutputClosed ? 141 : 1; }`;
  const { status } = await withPipe(program, async (fd) => {
    await sleep(50);
    closeSync(fd);
  });
  expect(status).toBe(141);
});

test('messages without a reader do not stop a program', async () => {
  const program = `const { writeErr } = await import('${stdio}'); for (let i = 0; i < 100; i++) writeErr('x'.repeat(50_000)); process.exitCode = 7;`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'ignore', 'pipe'] });
  child.stderr.destroy();
  expect(await new Promise((ended) => child.on('close', ended))).toBe(7);
});

test('a pseudo-terminal is a terminal; a file, /dev/null and a closed descriptor are not', () => {
  const program = `const { isTerminal } = await import('${stdio}'); process.exitCode = isTerminal(0) ? 10 : 20;`;
  const run = (redirection: string): number => {
    const command = `'${process.execPath}' -e "${program}" ${redirection}`;
    try {
      execFileSync('script', ['-qec', command, '/dev/null'], { stdio: 'ignore' });
      return 0;
    } catch (error) {
      return (error as { readonly status: number }).status;
    }
  };
  expect(['', '</dev/null', '</etc/passwd', '<&-'].map(run)).toEqual([10, 20, 20, 20]);
});
