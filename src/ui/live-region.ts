import { fstatSync } from 'node:fs';

type Write = typeof process.stdout.write;

const CLEAR_DOWN = '\r\u001b[J';
/** Without wrapping, a line for a terminal that has just become narrower is cut off and takes one row still. */
const WRAP_OFF = '\u001b[?7l';
const WRAP_ON = '\u001b[?7h';

/**
 * Lines that stay below everything this process prints to its terminal. Between two prints the cursor stands at the
 * first cell of the first line: wherever a resized terminal moves that cell to, everything from there on is ours to clear.
 */
export class LiveRegion {
  #restore: (() => void) | undefined;
  #drawn = false;
  /** Whether what was printed last ended its line; only then is there room for ours. */
  #atLineStart = true;
  #print: (text: string) => void = () => undefined;

  /** `lines` gives what to show on a terminal of that size; no line is to be wider, and one row is to be left. */
  constructor(
    private readonly fd: 1 | 2,
    private readonly lines: (columns: number, rows: number) => readonly string[],
  ) {}

  show(): void {
    if (this.#restore !== undefined) return;
    const [stream, other] = this.fd === 1 ? [process.stdout, process.stderr] : [process.stderr, process.stdout];
    const out: Write = stream.write.bind(stream);
    this.#print = (text) => void out(text);
    const both = isSameTerminal();
    const restores = [this.#divert(stream, out), ...(both ? [this.#divert(other, out)] : [])];
    const redraw = (): void => this.redraw();
    stream.on('resize', redraw);
    this.#restore = () => {
      stream.off('resize', redraw);
      for (const restore of restores) restore();
    };
    this.redraw();
  }

  redraw(): void {
    if (this.#restore === undefined || !this.#atLineStart) return;
    this.#print(CLEAR_DOWN + this.#text());
    this.#drawn = true;
  }

  hide(): void {
    if (this.#restore === undefined) return;
    if (this.#drawn) this.#print(CLEAR_DOWN);
    this.#drawn = false;
    this.#restore();
    this.#restore = undefined;
  }

  /** Has the lines taken away before, and drawn again after, all that is written to the stream. */
  #divert(stream: NodeJS.WriteStream, out: Write): () => void {
    const own = Object.getOwnPropertyDescriptor(stream, 'write');
    stream.write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
      const done = rest.find((argument) => typeof argument === 'function') as (() => void) | undefined;
      const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
      if (text === '') return out('', done);
      this.#atLineStart = text.endsWith('\n');
      const before = this.#drawn ? CLEAR_DOWN : '';
      this.#drawn = this.#atLineStart;
      return out(before + text + (this.#drawn ? this.#text() : ''), done);
    };
    return () => {
      if (own === undefined) delete (stream as { write?: Write }).write;
      else Object.defineProperty(stream, 'write', own);
    };
  }

  #text(): string {
    const { columns, rows } = this.fd === 1 ? process.stdout : process.stderr;
    const lines = this.lines(columns, rows);
    const up = lines.length > 1 ? `\u001b[${String(lines.length - 1)}A` : '';
    return `${WRAP_OFF}${lines.join('\r\n')}${WRAP_ON}\r${up}`;
  }
}

function isSameTerminal(): boolean {
  try {
    return process.stdout.isTTY && process.stderr.isTTY && fstatSync(1).rdev === fstatSync(2).rdev;
  } catch {
    return false;
  }
}
