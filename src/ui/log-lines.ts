import type { LogEntry } from '../model/runtime.ts';
import { paintPrefix } from './colors.ts';

export interface LogStyle {
  readonly prefix: boolean;
  readonly timestamps: boolean;
  readonly color: boolean;
}

/** `web-1  | ` in its own colour, padded to the widest name. */
export function logPrefix(name: string, index: number, width: number, style: LogStyle): string {
  return style.prefix ? paintPrefix(index, `${name.padEnd(width)} | `, style.color) : '';
}

/** Joins the parts of long lines and gives whole lines, each with its prefix. */
export class LogLines {
  readonly #pending = new Map<string, { text: string; time: string }>();

  constructor(
    private readonly prefix: () => string,
    private readonly style: LogStyle,
    private readonly write: (text: string, stream: LogEntry['stream']) => void,
  ) {}

  push({ stream, time, text }: LogEntry): void {
    const before = this.#pending.get(stream);
    const whole = (before?.text ?? '') + text;
    if (!text.endsWith('\n') && whole.length < 1 << 20) {
      this.#pending.set(stream, { text: whole, time: before?.time ?? time });
      return;
    }
    this.#pending.delete(stream);
    this.#print(whole, before?.time ?? time, stream);
  }

  /** Prints what never got its newline. */
  end(): void {
    for (const [stream, { text, time }] of this.#pending) this.#print(text, time, stream as LogEntry['stream']);
    this.#pending.clear();
  }

  #print(text: string, time: string, stream: LogEntry['stream']): void {
    const stamp = this.style.timestamps ? `${time} ` : '';
    this.write(`${this.prefix()}${stamp}${text.endsWith('\n') ? text.slice(0, -1) : text}\n`, stream);
  }
}
