import { spawn, type ChildProcess } from 'node:child_process';
import { until } from './until.ts';

/** A program on a pseudo-terminal of 30 rows and 90 columns. */
export class Terminal {
  output = '';
  readonly #child: ChildProcess;
  #status: number | undefined;

  constructor(command: readonly string[], options: { readonly cwd: string; readonly env: Readonly<Record<string, string>> }) {
    const quoted = command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
    this.#child = spawn('script', ['-qefc', `stty rows 30 cols 90; exec ${quoted}`, '/dev/null'], {
      ...options,
      env: { ...process.env, ...options.env, TERM: 'xterm' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#child.stdout?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    this.#child.on('close', (code) => (this.#status = code ?? 255));
  }

  type(text: string): void {
    this.#child.stdin?.write(text);
  }

  async shows(text: string): Promise<void> {
    await until(`the terminal shows ${text}`, () => this.output.includes(text));
  }

  /** Waits for the program's end. */
  async status(): Promise<number> {
    return until('the program on the terminal ends', () => (this.#status === undefined ? undefined : { status: this.#status })).then(
      ({ status }) => status,
    );
  }
}
