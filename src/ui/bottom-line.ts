import { fstatSync } from 'node:fs';
import { divertWrites } from '../util/stdio.ts';

type Write = typeof process.stdout.write;

const CLEAR_DOWN = '\r\u001b[J';
/** Without wrapping, a line for a terminal that has just become narrower is cut off and the cursor stays in its row. */
const WRAP_OFF = '\u001b[?7l';
const WRAP_ON = '\u001b[?7h';

/**
 * A line that stays below everything this process prints to its terminal. Between two prints the cursor stands at the
 * line's first cell: wherever a resized terminal moves that cell to, everything from there on is ours to clear.
 */
export class BottomLine {
  #restore: (() => void) | undefined;
  #drawn = false;
  /** Whether what was printed last ended its line; only then is there room for ours. */
  #atLineStart = true;
  #print: (text: string) => void = () => undefined;

  /** `text` gives the line for a terminal of so many columns, no wider than that. */
  constructor(private readonly text: (columns: number) => string) {}

  show(): void {
    if (this.#restore !== undefined) return;
    const { stdout, stderr } = process;
    const out: Write = stdout.write.bind(stdout);
    this.#print = (text) => void out(text);
    const both = isSameTerminal();
    const restores = [
      this.#divert(stdout, out),
      ...(both ? [this.#divert(stderr, out)] : []),
      divertWrites((fd, text) => {
        if (fd === 1 || both) stdout.write(text);
        return fd === 1 || both;
      }),
    ];
    const redraw = (): void => this.redraw();
    stdout.on('resize', redraw);
    this.#restore = () => {
      stdout.off('resize', redraw);
      for (const restore of restores) restore();
    };
    this.redraw();
  }

  redraw(): void {
    if (this.#restore === undefined || !this.#atLineStart) return;
    this.#print(CLEAR_DOWN + this.#line());
    this.#drawn = true;
  }

  hide(): void {
    if (this.#restore === undefined) return;
    if (this.#drawn) this.#print(CLEAR_DOWN);
    this.#drawn = false;
    this.#restore();
    this.#restore = undefined;
  }

  /** Has the line taken away before, and drawn again after, all that is written to the stream. */
  #divert(stream: NodeJS.WriteStream, out: Write): () => void {
    const own = Object.getOwnPropertyDescriptor(stream, 'write');
    stream.write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
      const done = rest.find((argument) => typeof argument === 'function') as (() => void) | undefined;
      const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
      if (text === '') return out('', done);
      this.#atLineStart = text.endsWith('\n');
      const before = this.#drawn ? CLEAR_DOWN : '';
      this.#drawn = this.#atLineStart;
      return out(before + text + (this.#drawn ? this.#line() : ''), done);
    };
    return () => {
      if (own === undefined) delete (stream as { write?: Write }).write;
      else Object.defineProperty(stream, 'write', own);
    };
  }

  #line(): string {
    return `${WRAP_OFF}${this.text(process.stdout.columns)}${WRAP_ON}\r`;
  }
}

function isSameTerminal(): boolean {
  return process.stderr.isTTY && fstatSync(1).rdev === fstatSync(2).rdev;
}
