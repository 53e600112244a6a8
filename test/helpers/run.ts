import { spawn } from 'node:child_process';

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array;
  readonly uid?: number;
  readonly gid?: number;
  /** Milliseconds; the program is killed after that and the run fails. */
  readonly timeout?: number;
}

export interface RunResult {
  readonly command: string;
  /** 128 + N after signal N, as a shell has it. */
  readonly status: number;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly milliseconds: number;
}

/** Runs a program to its end and tells how it went; rejects only when it cannot be started or takes too long. */
export async function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const { env, input = '', timeout = 60_000, ...rest } = options;
  const command = [program, ...args].join(' ');
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...env }, ...rest });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    const text = (chunks: readonly Buffer[]): string => Buffer.concat(chunks).toString();
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
      // A grandchild may hold the pipes open for ever: do not wait for their end.
      child.stdout.destroy();
      child.stderr.destroy();
    }, timeout);
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.stdin.on('error', () => undefined); // EPIPE: the program did not read its input
    child.stdin.end(input);
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (timedOut) {
        reject(new Error(`still running after ${timeout} ms: ${command}\nstdout: ${text(stdout)}\nstderr: ${text(stderr)}`));
        return;
      }
      resolve({
        command,
        status: code ?? 128 + signalNumber(signal),
        signal,
        stdout: text(stdout),
        stderr: text(stderr),
        milliseconds: performance.now() - started,
      });
    });
  });
}

/** Throws with everything the program said unless it succeeded. */
export function expectSuccess(result: RunResult): RunResult {
  if (result.status === 0) return result;
  throw new Error(`status ${result.status}: ${result.command}\nstdout: ${result.stdout}\nstderr: ${result.stderr}`);
}

function signalNumber(signal: NodeJS.Signals | null): number {
  return signal === 'SIGKILL' ? 9 : signal === 'SIGINT' ? 2 : signal === 'SIGSEGV' ? 11 : 15;
}
