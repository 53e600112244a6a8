import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import xterm from '@xterm/headless';
import { expectSuccess, run } from './run.ts';
import { until } from './until.ts';

/** One letter as it looks; `color` is one of the eight. */
export interface Cell {
  readonly text: string;
  readonly color: number | undefined;
  readonly bold: boolean;
  readonly dim: boolean;
}

interface TerminalOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly rows?: number;
  readonly columns?: number;
}

/** A program on a pseudo-terminal, 30 rows and 90 columns unless said, and the screen of one who looks at it. */
export class Terminal {
  /** All that came, control sequences and all. */
  output = '';
  readonly #child: ChildProcess;
  readonly #screen: xterm.Terminal;
  readonly #folder = mkdtempSync(join(tmpdir(), 'terminal-'));
  #status: number | undefined;

  constructor(command: readonly string[], { rows = 30, columns = 90, ...options }: TerminalOptions) {
    this.#screen = new xterm.Terminal({ rows, cols: columns, scrollback: 1000, allowProposedApi: true });
    const quoted = command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
    const setUp = `stty rows ${rows} cols ${columns}; tty >'${this.#device}'; exec ${quoted}`;
    this.#child = spawn('script', ['-qefc', setUp, '/dev/null'], {
      ...options,
      env: { ...process.env, TERM: 'xterm', ...options.env },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      this.output += chunk.toString();
      this.#screen.write(chunk);
    });
    this.#child.on('close', (code) => {
      rmSync(this.#folder, { recursive: true, force: true });
      this.#status = code ?? 255;
    });
  }

  get #device(): string {
    return join(this.#folder, 'tty');
  }

  type(text: string): void {
    this.#child.stdin?.write(text);
  }

  async shows(text: string): Promise<void> {
    await until(`the terminal shows ${text}`, () => this.output.includes(text));
  }

  /** The lines that can be seen now, without the empty ones at the end. */
  lines(): readonly string[] {
    const { active } = this.#screen.buffer;
    const lines = Array.from({ length: this.#screen.rows }, (_, row) => active.getLine(active.baseY + row)?.translateToString(true) ?? '');
    return lines.slice(0, lines.findLastIndex((line) => line !== '') + 1);
  }

  /** The same lines with how they look. */
  cells(): readonly (readonly Cell[])[] {
    const { active } = this.#screen.buffer;
    return this.lines().map((text, row) => {
      const line = active.getLine(active.baseY + row);
      return Array.from({ length: [...text].length }, (_, column) => {
        const cell = line?.getCell(column);
        return {
          text: cell?.getChars() === '' ? ' ' : (cell?.getChars() ?? ' '),
          color: cell?.isFgPalette() === true ? cell.getFgColor() : undefined,
          bold: cell?.isBold() === 1,
          dim: cell?.isDim() !== 0,
        };
      });
    });
  }

  /** Waits until the screen is as wanted. */
  async looks(what: string, wanted: (lines: readonly string[]) => boolean): Promise<void> {
    try {
      await until(what, () => wanted(this.lines()));
    } catch (error) {
      throw new Error(`the screen never showed that ${what}:\n${this.lines().join('\n')}`, { cause: error });
    }
  }

  async resize(columns: number, rows: number): Promise<void> {
    const device = readFileSync(this.#device, 'utf8').trim();
    this.#screen.resize(columns, rows);
    expectSuccess(await run('stty', ['-F', device, 'rows', String(rows), 'cols', String(columns)]));
  }

  /** Waits for the program's end, and until all it wrote is on the screen. */
  async status(): Promise<number> {
    const ended = (): { readonly status: number } | undefined => (this.#status === undefined ? undefined : { status: this.#status });
    const { status } = await until('the program on the terminal ends', ended);
    await new Promise<void>((resolve) => this.#screen.write('', resolve));
    return status;
  }
}
