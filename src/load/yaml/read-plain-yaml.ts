import type { Source } from '../source.ts';
import { cloneTree, isMapping, newMapping, originOf, push, put, type Mapping, type Value } from '../tree.ts';
import { FlowReader } from './flow-reader.ts';
import { Refused } from './refused.ts';
import { resolvePlainScalar } from './resolve-scalar.ts';
import { splitLines, type Lines } from './split-lines.ts';

/**
 * Reads the YAML that nearly all compose files are written in: one document of block mappings and lists, scalars on one
 * line, literal blocks, flow collections, anchors, aliases and merge keys. Everything else, and everything wrong, is
 * refused (undefined) and left to the full reader. Parsing with the library takes most of the time of a load.
 */
export function readPlainYaml(source: Source): Value | undefined {
  if (/[\t\r\0]/.test(source.text)) return undefined;
  try {
    return new PlainReader(source).read();
  } catch (error) {
    if (error instanceof Refused) return undefined;
    throw error;
  }
}

const MAX_DEPTH = 50;
const MAX_REPEATED = 20_000;
const DASH = 45;

class PlainReader {
  private readonly source: Source;
  private readonly text: string;
  private readonly lines: Lines;
  private readonly flow: FlowReader;
  private readonly anchors = new Map<string, Value>();
  private repeated = 0;
  private depth = 0;
  private at = 0;

  constructor(source: Source) {
    this.source = source;
    this.text = source.text;
    this.lines = splitLines(source.text);
    this.flow = new FlowReader(source, (name) => this.repeat(name));
  }

  read(): Value {
    if (this.lines.count === 0 || this.lines.indent[0] !== 0) throw new Refused();
    const value = this.node(0);
    if (this.at < this.lines.count || !isMapping(value)) throw new Refused();
    return value;
  }

  private indent(): number {
    return this.at < this.lines.count ? (this.lines.indent[this.at] ?? 0) : -1;
  }

  private start(): number {
    return this.lines.start[this.at] ?? 0;
  }

  private end(): number {
    return this.lines.end[this.at] ?? 0;
  }

  private isEntry(): boolean {
    const start = this.start();
    return this.text.charCodeAt(start) === DASH && (start + 1 === this.end() || this.text.charCodeAt(start + 1) === 32);
  }

  private node(indent: number): Value {
    this.depth += 1;
    if (this.depth > MAX_DEPTH) throw new Refused();
    const value = this.isEntry() ? this.list(indent) : this.mapping(indent);
    this.depth -= 1;
    return value;
  }

  private list(indent: number): Value[] {
    const list: Value[] = [];
    while (this.indent() === indent && this.isEntry()) {
      const content = this.skipSpaces(this.start() + 1);
      const offset = content;
      if (this.isOver(content)) {
        this.at += 1;
        const nested = this.indent();
        if (nested > indent) {
          const inner = this.start();
          push(list, this.node(nested), { source: this.source, offset: inner });
        } else push(list, null, { source: this.source, offset });
        continue;
      }
      const column = indent + content - this.start();
      this.lines.start[this.at] = content;
      this.lines.indent[this.at] = column;
      const value = this.isEntry() || this.keyEnd(content) !== -1 ? this.node(column) : this.inlineValue(content, indent);
      push(list, value, { source: this.source, offset });
    }
    if (this.indent() > indent) throw new Refused();
    return list;
  }

  private mapping(indent: number): Mapping {
    const map = newMapping();
    let merge: Value | undefined;
    while (this.indent() === indent && !this.isEntry()) {
      const keyOffset = this.start();
      const colon = this.keyEnd(keyOffset);
      if (colon === -1) throw new Refused();
      const key = this.key(keyOffset, colon);
      const content = this.skipSpaces(colon + 1);
      const { value, offset } = this.entryValue(content, indent);
      if (key === '<<' && this.text.charCodeAt(keyOffset) === 60) {
        if (merge !== undefined) throw new Refused();
        merge = value;
      } else {
        if (key in map) throw new Refused();
        put(map, key, value, { source: this.source, offset, keyOffset });
      }
    }
    if (this.indent() > indent) throw new Refused();
    if (merge !== undefined) applyMerge(map, merge);
    return map;
  }

  /** What stands after `key:`, on the same line or below it. */
  private entryValue(content: number, indent: number): { value: Value; offset: number } {
    let offset = content;
    let anchor: string | undefined;
    if (this.text.charCodeAt(content) === 38 && content < this.end()) {
      const end = this.nameEnd(content + 1);
      anchor = this.text.slice(content + 1, end);
      offset = this.skipSpaces(end);
      if (!this.isOver(offset) && offset === end) throw new Refused();
    }
    let value: Value;
    if (this.isOver(offset)) {
      this.at += 1;
      const nested = this.indent();
      const isList = nested === indent && this.isEntry();
      if (nested > indent || isList) {
        offset = this.start();
        value = isList ? this.list(indent) : this.node(nested);
      } else value = null;
    } else value = this.inlineValue(offset, indent);
    if (anchor !== undefined) this.anchors.set(anchor, value);
    return { value, offset };
  }

  /** A scalar, flow collection or alias that begins at `offset`; what follows must not be indented more. */
  private inlineValue(offset: number, indent: number): Value {
    const value = this.inline(offset, indent);
    if (this.indent() > indent) throw new Refused();
    return value;
  }

  private inline(offset: number, indent: number): Value {
    const code = this.text.charCodeAt(offset);
    switch (code) {
      case 34: // "
      case 39: // '
      case 91: // [
      case 123: // {
      case 42: {
        // *
        const { value, end } = this.flow.read(offset, indent, this.end());
        this.goTo(end);
        return value;
      }
      case 124: // |
        return this.literal(offset, indent);
      default: {
        const end = this.plainEnd(offset);
        const text = this.text.slice(offset, end);
        if (!isPlain(text)) throw new Refused();
        this.at += 1;
        return resolvePlainScalar(text);
      }
    }
  }

  /** Goes on at the line after the one that `offset` is in, where nothing but a comment may follow. */
  private goTo(offset: number): void {
    while (this.at < this.lines.count && this.end() < offset) this.at += 1;
    if (offset > this.end() || !this.isOver(this.skipSpaces(offset)) || this.needsBlank(offset)) throw new Refused();
    this.at += 1;
  }

  private needsBlank(offset: number): boolean {
    return this.text.charCodeAt(offset) === 35;
  }

  private literal(offset: number, indent: number): string {
    const header = this.text.slice(offset, this.end()).trimEnd();
    if (!/^\|[-+]?$/.test(header)) throw new Refused();
    let position = this.lines.lineEnd(this.at) + 1;
    const rows: string[] = [];
    let width = -1;
    while (position < this.text.length) {
      const newline = this.text.indexOf('\n', position);
      const end = newline === -1 ? this.text.length : newline;
      const first = this.firstNonSpace(position, end);
      if (first === end) {
        if (width === -1 && end > position) throw new Refused();
        rows.push(width === -1 ? '' : this.text.slice(Math.min(position + width, end), end));
      } else {
        if (width === -1) width = first - position;
        if (first - position < width) {
          if (first - position > indent) throw new Refused();
          break;
        }
        rows.push(this.text.slice(position + width, end));
      }
      position = end + 1;
    }
    if (width <= indent) throw new Refused();
    do this.at += 1;
    while (this.at < this.lines.count && this.start() < position);
    return chomp(rows, header, this.text.endsWith('\n') || position < this.text.length);
  }

  private firstNonSpace(position: number, end: number): number {
    let at = position;
    while (at < end && this.text.charCodeAt(at) === 32) at += 1;
    return at;
  }

  private key(start: number, colon: number): string {
    const first = this.text.charCodeAt(start);
    if (first === 34 || first === 39) {
      const { value, end } = this.flow.read(start, 0, this.end());
      if (end !== colon || typeof value !== 'string') throw new Refused();
      return value;
    }
    const text = this.text.slice(start, colon);
    if (!isPlain(text) || text.endsWith(' ') || typeof resolvePlainScalar(text) !== 'string') throw new Refused();
    return text;
  }

  /** Offset of the colon that ends the key at `start`, -1 when the line has no key. */
  private keyEnd(start: number): number {
    const end = this.end();
    const first = this.text.charCodeAt(start);
    let at = start;
    if (first === 34 || first === 39) at = this.flow.quotedEnd(start, end);
    else if (first === 91 || first === 123 || first === 42 || first === 38 || first === 33 || first === 63 || first === 124) {
      if (first === 38 || first === 33 || first === 63) throw new Refused();
      return -1;
    }
    for (; at < end; at += 1) {
      const code = this.text.charCodeAt(at);
      if (code === 58 && (at + 1 === end || this.text.charCodeAt(at + 1) === 32)) return at;
      if (code === 35 && at > start && this.text.charCodeAt(at - 1) === 32) return -1;
    }
    return -1;
  }

  private plainEnd(start: number): number {
    const end = this.end();
    let stop = start;
    while (stop < end && !(this.text.charCodeAt(stop) === 32 && this.text.charCodeAt(stop + 1) === 35)) stop += 1;
    while (stop > start && this.text.charCodeAt(stop - 1) === 32) stop -= 1;
    return stop;
  }

  private nameEnd(start: number): number {
    let at = start;
    while (at < this.end() && /[\w.-]/.test(this.text.charAt(at))) at += 1;
    if (at === start) throw new Refused();
    return at;
  }

  private skipSpaces(start: number): number {
    return this.firstNonSpace(start, this.end());
  }

  /** Nothing or a comment. */
  private isOver(offset: number): boolean {
    return offset >= this.end() || this.text.charCodeAt(offset) === 35;
  }

  /** A copy of what an anchor stands for. */
  private repeat(name: string): Value {
    const value = this.anchors.get(name);
    if (value === undefined) throw new Refused();
    this.repeated += countValues(value);
    if (this.repeated > MAX_REPEATED) throw new Refused();
    return cloneTree(value);
  }
}

function isPlain(text: string): boolean {
  if (text === '' || text.includes(': ') || text.endsWith(':')) return false;
  return !/^[,[\]{}#&*!|>'"%@`]/.test(text) && !/^[-?:]( |$)/.test(text);
}

function chomp(rows: string[], header: string, newlineAtEnd: boolean): string {
  let last = rows.length;
  while (last > 0 && rows[last - 1] === '') last -= 1;
  const body = rows.slice(0, last).join('\n');
  if (header.endsWith('-')) return body;
  if (!header.endsWith('+')) return newlineAtEnd || last < rows.length ? `${body}\n` : body;
  throw new Refused();
}

function applyMerge(map: Mapping, merge: Value): void {
  for (const part of Array.isArray(merge) ? merge : [merge]) {
    if (!isMapping(part)) throw new Refused();
    for (const key of Object.keys(part)) {
      const origin = originOf(part, key);
      if (!(key in map)) put(map, key, part[key] as Value, origin && { ...origin, cause: 'merge key' });
    }
  }
}

function countValues(value: Value): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + countValues(item), 1);
  if (!isMapping(value)) return 1;
  return Object.values(value).reduce<number>((sum, item) => sum + countValues(item), 1);
}
