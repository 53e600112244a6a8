import type { Source } from '../source.ts';
import { newMapping, push, put, type Mapping, type Value } from '../tree.ts';
import { Refused } from './refused.ts';
import { resolvePlainScalar } from './resolve-scalar.ts';

interface Read {
  readonly value: Value;
  readonly end: number;
}

const MAX_DEPTH = 50;
const SPACE = 32;
const NEWLINE = 10;

/** Reads quoted scalars, aliases and flow collections (`[a, b]`, `{a: b}`) for the plain reader. */
export class FlowReader {
  private readonly source: Source;
  private readonly text: string;
  private readonly repeat: (name: string) => Value;
  private at = 0;
  private indent = 0;
  private limit = 0;
  private depth = 0;

  constructor(source: Source, repeat: (name: string) => Value) {
    this.source = source;
    this.text = source.text;
    this.repeat = repeat;
  }

  /** What begins at `offset`. A collection may span lines that are indented more than `indent`; a scalar ends before `lineEnd`. */
  read(offset: number, indent: number, lineEnd: number): Read {
    this.at = offset;
    this.indent = indent;
    this.limit = lineEnd;
    this.depth = 0;
    const value = this.value();
    return { value, end: this.at };
  }

  private value(): Value {
    switch (this.text.charCodeAt(this.at)) {
      case 34:
        return this.doubleQuoted();
      case 39:
        return this.singleQuoted();
      case 91:
        return this.nested(() => this.list());
      case 123:
        return this.nested(() => this.mapping());
      case 42:
        return this.alias();
      default:
        return resolvePlainScalar(this.plain());
    }
  }

  private nested(read: () => Value): Value {
    this.depth += 1;
    if (this.depth > MAX_DEPTH) throw new Refused();
    const value = read();
    this.depth -= 1;
    return value;
  }

  private list(): Value[] {
    const list: Value[] = [];
    this.at += 1;
    this.skip();
    while (this.text.charCodeAt(this.at) !== 93) {
      const offset = this.at;
      push(list, this.value(), { source: this.source, offset });
      this.separator(93);
      this.skip();
    }
    this.at += 1;
    return list;
  }

  private mapping(): Mapping {
    const map = newMapping();
    this.at += 1;
    this.skip();
    while (this.text.charCodeAt(this.at) !== 125) {
      const keyOffset = this.at;
      const quoted = this.text.charCodeAt(this.at) === 34 || this.text.charCodeAt(this.at) === 39;
      const key = quoted ? this.value() : this.plain();
      if (typeof key !== 'string' || (!quoted && typeof resolvePlainScalar(key) !== 'string')) throw new Refused();
      if (key in map || key === '<<' || this.text.charCodeAt(this.at) !== 58) throw new Refused();
      this.at += 1;
      const after = this.text.charCodeAt(this.at);
      if (after !== SPACE && after !== NEWLINE && after !== 44 && after !== 125) throw new Refused();
      this.skip();
      const offset = this.at;
      const next = this.text.charCodeAt(this.at);
      const value = next === 44 || next === 125 ? null : this.value();
      put(map, key, value, { source: this.source, offset, keyOffset });
      this.separator(125);
      this.skip();
    }
    this.at += 1;
    return map;
  }

  private separator(close: number): void {
    this.skip();
    const code = this.text.charCodeAt(this.at);
    if (code === 44) this.at += 1;
    else if (code !== close) throw new Refused();
  }

  /** Blanks and line breaks; a comment inside a collection is left to the full reader. */
  private skip(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (code === NEWLINE) this.newLine();
      else if (code === SPACE) this.at += 1;
      else if (code === 35 || Number.isNaN(code)) throw new Refused();
      else return;
    }
  }

  private newLine(): void {
    const begin = this.at + 1;
    let first = begin;
    while (this.text.charCodeAt(first) === SPACE) first += 1;
    const blank = this.text.charCodeAt(first) === NEWLINE;
    if (!blank && first - begin <= this.indent) throw new Refused();
    this.at = first;
    const newline = this.text.indexOf('\n', first);
    this.limit = newline === -1 ? this.text.length : newline;
  }

  private plain(): string {
    const start = this.at;
    const first = this.text.charAt(start);
    if (',[]{}#&*!|>\'"%@`'.includes(first) || (/[-?:]/.test(first) && !/[^\s,[\]{}]/.test(this.text.charAt(start + 1))))
      throw new Refused();
    let at = start;
    for (; at < this.limit; at += 1) {
      const code = this.text.charCodeAt(at);
      if (code === 44 || code === 91 || code === 93 || code === 123 || code === 125) break;
      if (code === 58 && (at + 1 >= this.limit || /[\s,[\]{}]/.test(this.text.charAt(at + 1)))) break;
      if (code === 35 && this.text.charCodeAt(at - 1) === SPACE) throw new Refused();
    }
    this.at = at;
    const text = this.text.slice(start, at).trimEnd();
    if (text === '') throw new Refused();
    // A scalar that goes on in the next line.
    this.skip();
    if (!/[,\]}:]/.test(this.text.charAt(this.at))) throw new Refused();
    return text;
  }

  private alias(): Value {
    const start = this.at + 1;
    let end = start;
    while (end < this.limit && /[\w.-]/.test(this.text.charAt(end))) end += 1;
    if (end === start || !/^[\s,\]}]?$/.test(this.text.charAt(end))) throw new Refused();
    this.at = end;
    return this.repeat(this.text.slice(start, end));
  }

  /** Offset after the quote that closes the one at `start`. */
  quotedEnd(start: number, limit: number): number {
    const quote = this.text.charCodeAt(start);
    for (let at = start + 1; at < limit; at += 1) {
      const code = this.text.charCodeAt(at);
      if (code === 92 && quote === 34) at += 1;
      else if (code === quote) {
        if (quote === 39 && this.text.charCodeAt(at + 1) === 39) at += 1;
        else return at + 1;
      }
    }
    throw new Refused();
  }

  private singleQuoted(): string {
    const end = this.quotedEnd(this.at, this.limit);
    const text = this.text.slice(this.at + 1, end - 1).replaceAll("''", "'");
    this.at = end;
    return text;
  }

  private doubleQuoted(): string {
    const end = this.quotedEnd(this.at, this.limit);
    const text = this.text.slice(this.at + 1, end - 1);
    this.at = end;
    if (!text.includes('\\')) return text;
    return text.replace(/\\(.)/g, (_match, code: string) => {
      const char = ESCAPES[code];
      if (char === undefined) throw new Refused();
      return char;
    });
  }
}

/** The rest (`\x41`, `\u0041`, …) is left to the full reader. */
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  ' ': ' ',
  n: '\n',
  r: '\r',
  t: '\t',
  b: '\b',
  f: '\f',
  v: '\v',
  a: '\x07',
  e: '\x1b',
  '0': '\0',
};
