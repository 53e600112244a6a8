import { MydockerError } from '../errors.ts';

/** A value or call inside `{{ }}`: what is piped comes last among the arguments. */
export type Term =
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
  /** `.A.B`, `$`, `$x.A`: a variable (`` is the dot) and the fields below it. */
  | { readonly kind: 'path'; readonly variable: string; readonly fields: readonly string[] }
  /** `(index .A 0).B` */
  | { readonly kind: 'fields'; readonly of: Term; readonly fields: readonly string[] }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Term[] };

/** `.A | upper`, `$x := .A`, `$x = .A`; `variable` has its dollar sign. */
export interface Pipeline {
  readonly variable?: string;
  readonly declares?: boolean;
  readonly term: Term;
}

export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'print'; readonly pipeline: Pipeline }
  | { readonly kind: 'if' | 'with'; readonly pipeline: Pipeline; readonly then: readonly Node[]; readonly otherwise: readonly Node[] }
  | {
      readonly kind: 'range';
      readonly key: string;
      readonly value: string;
      readonly term: Term;
      readonly then: readonly Node[];
      readonly otherwise: readonly Node[];
    }
  | { readonly kind: 'template'; readonly name: string; readonly dot: Term | undefined }
  | { readonly kind: 'break' | 'continue' };

export interface Template {
  readonly nodes: readonly Node[];
  /** By `define` and `block`. */
  readonly named: ReadonlyMap<string, readonly Node[]>;
}

type Token = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'action'; readonly text: string };

function wrong(message: string): MydockerError {
  return new MydockerError('usage', `template: ${message}`);
}

/** Throws `usage`. */
export function parseTemplate(template: string): Template {
  const parser = new Parser(tokensOf(template));
  return { nodes: parser.parse(), named: parser.named };
}

function tokensOf(template: string): Token[] {
  const tokens: Token[] = [];
  let rest = template;
  for (let open = rest.indexOf('{{'); open >= 0; open = rest.indexOf('{{')) {
    const close = open + closingOf(rest.slice(open));
    const action = rest.slice(open + 2, close);
    const before = rest.slice(0, open);
    // A dash beside the braces takes the white space away on that side.
    tokens.push({ kind: 'text', text: /^-\s/.test(action) ? before.trimEnd() : before });
    tokens.push({ kind: 'action', text: action.replace(/^-\s|\s-$/g, '').trim() });
    rest = rest.slice(close + 2);
    if (/\s-$/.test(action)) rest = rest.trimStart();
  }
  tokens.push({ kind: 'text', text: rest });
  return tokens.filter(({ kind, text }) => !(kind === 'action' && /^\/\*[\s\S]*\*\/$/.test(text)));
}

/** Where the braces close that `text` begins with; those inside a string or a comment do not count. */
function closingOf(text: string): number {
  const inside = /^\{\{(?:-\s)?\s*(?:\/\*[\s\S]*?\*\/\s*(?:\s-)?|(?:"(?:[^"\\]|\\.)*"|`[^`]*`|(?!\}\})[^"`])*)(?=\}\})/.exec(text);
  if (inside === null) throw wrong('unclosed action');
  return inside[0].length;
}

class Parser {
  readonly named = new Map<string, readonly Node[]>();
  readonly #tokens: Token[];
  #loops = 0;

  constructor(tokens: Token[]) {
    this.#tokens = tokens;
  }

  parse(): Node[] {
    const nodes = this.#nodes();
    if (this.#tokens.length > 0) throw wrong(`unexpected {{${this.#tokens[0]?.text ?? ''}}}`);
    return nodes;
  }

  /** Up to the `else` or `end` that belongs to the caller. */
  #nodes(): Node[] {
    const nodes: Node[] = [];
    for (let token = this.#tokens[0]; token !== undefined; token = this.#tokens[0]) {
      if (token.kind === 'action' && /^(end|else)\b/.test(token.text)) break;
      this.#tokens.shift();
      if (token.kind === 'text') nodes.push(token);
      else nodes.push(...this.#action(token.text));
    }
    return nodes;
  }

  #action(text: string): Node[] {
    const [, keyword = '', rest = ''] = /^(if|with|range|define|block|template|break|continue)\b\s*([\s\S]*)$/.exec(text) ?? [];
    switch (keyword) {
      case 'if':
      case 'with':
        return [{ kind: keyword, pipeline: parsePipeline(rest), ...this.#branches(keyword) }];
      case 'range':
        return [this.#range(rest)];
      case 'define':
      case 'block':
      case 'template':
        return this.#named(keyword, rest);
      case 'break':
      case 'continue':
        if (this.#loops === 0) throw wrong(`{{${keyword}}} outside {{range}}`);
        return [{ kind: keyword }];
      default:
        return [{ kind: 'print', pipeline: parsePipeline(text) }];
    }
  }

  #branches(keyword: string): { readonly then: readonly Node[]; readonly otherwise: readonly Node[] } {
    const then = this.#nodes();
    const next = this.#tokens.shift();
    if (next === undefined) throw wrong(`{{${keyword}}} without {{end}}`);
    if (!next.text.startsWith('else')) return { then, otherwise: [] };
    const nested = next.text.replace(/^else\s*/, '');
    if (nested !== '') return { then, otherwise: this.#action(nested) };
    const otherwise = this.#nodes();
    if (this.#tokens.shift()?.text !== 'end') throw wrong(`{{${keyword}}} without {{end}}`);
    return { then, otherwise };
  }

  #range(text: string): Node {
    const [, key, value, source] = /^\$(\w+)\s*(?:,\s*\$(\w+)\s*)?:=\s*([\s\S]*)$/.exec(text) ?? [];
    const names = value === undefined ? { key: '', value: key ?? '' } : { key: key ?? '', value };
    const { term } = parsePipeline(source ?? text);
    this.#loops++;
    const branches = this.#branches('range');
    this.#loops--;
    return { kind: 'range', ...names, term, ...branches };
  }

  #named(keyword: 'define' | 'block' | 'template', text: string): Node[] {
    const [quoted, dot = ''] = /^(?:"(?:[^"\\]|\\.)*"|`[^`]*`)/.exec(text) ?? [];
    if (quoted === undefined) throw wrong(`{{${keyword}}} needs a name in quotes`);
    const name = stringOf(quoted);
    const rest = text.slice(quoted.length).trim() || dot;
    if (keyword !== 'template') {
      this.named.set(name, this.#nodes());
      if (this.#tokens.shift()?.text !== 'end') throw wrong(`{{${keyword}}} without {{end}}`);
    }
    return keyword === 'define' ? [] : [{ kind: 'template', name, dot: rest === '' ? undefined : parsePipeline(rest).term }];
  }
}

const WORD = /\s*(?:("(?:[^"\\]|\\.)*"|`[^`]*`)|(-?\d+(?:\.\d+)?)|(\(|\)(?:\.\w+)*|\|)|(\$?[\w.$]+))/y;

function parsePipeline(text: string): Pipeline {
  const [, variable, operator, source] = /^(\$\w+)\s*(:?=)\s*([\s\S]*)$/.exec(text) ?? [];
  const term = parseWhole(source ?? text);
  return variable === undefined ? { term } : { variable, declares: operator === ':=', term };
}

function parseWhole(text: string): Term {
  const words: string[] = [];
  WORD.lastIndex = 0;
  while (text.slice(WORD.lastIndex).trim() !== '') {
    const match = WORD.exec(text);
    if (match === null) throw wrong(`cannot read {{${text}}}`);
    words.push(match[0].trim());
  }
  const term = parsePipes(words, text);
  if (words.length > 0) throw wrong(`cannot read {{${text}}}`);
  return term;
}

function parsePipes(words: string[], text: string): Term {
  let term = parseCall(words, text);
  while (words[0] === '|') {
    words.shift();
    const next = parseCall(words, text);
    const call = next.kind === 'call' ? next : undefined;
    if (call === undefined) throw wrong(`cannot pipe into a value in {{${text}}}`);
    term = { ...call, args: [...call.args, term] };
  }
  return term;
}

function parseCall(words: string[], text: string): Term {
  const first = words.shift();
  if (first === undefined) throw wrong(`missing value in {{${text}}}`);
  if (first === '.Label' && words[0] !== undefined) {
    return {
      kind: 'call',
      name: 'Label',
      args: [{ kind: 'path', variable: '', fields: ['Labels'] }, parseTerm(words.shift() ?? '', words, text)],
    };
  }
  if (!isFunctionName(first)) return parseTerm(first, words, text);
  const args: Term[] = [];
  while (words[0] !== undefined && words[0] !== '|' && !words[0].startsWith(')')) args.push(parseTerm(words.shift() ?? '', words, text));
  return { kind: 'call', name: first, args };
}

function isFunctionName(word: string): boolean {
  return /^[a-zA-Z_]\w*$/.test(word) && !['true', 'false', 'nil'].includes(word);
}

function parseTerm(word: string, words: string[], text: string): Term {
  if (word === '(') {
    const term = parsePipes(words, text);
    const close = words.shift();
    if (close?.startsWith(')') !== true) throw wrong(`unclosed parenthesis in {{${text}}}`);
    return close === ')' ? term : { kind: 'fields', of: term, fields: fieldsOf(close.slice(1)) };
  }
  if (/^["`]/.test(word)) return { kind: 'literal', value: stringOf(word) };
  if (word === 'true' || word === 'false') return { kind: 'literal', value: word === 'true' };
  if (word === 'nil') return { kind: 'literal', value: null };
  if (/^-?\d/.test(word)) return { kind: 'literal', value: Number(word) };
  const [, variable = '', path = ''] = /^(?:\$(\w*))?((?:\.\w*)*)$/.exec(word) ?? [];
  if (!word.startsWith('.') && !word.startsWith('$')) return { kind: 'call', name: word, args: [] };
  return { kind: 'path', variable: word.startsWith('$') ? `$${variable}` : '', fields: fieldsOf(path) };
}

function fieldsOf(path: string): readonly string[] {
  return path.split('.').filter(Boolean);
}

function stringOf(quoted: string): string {
  if (quoted.startsWith('`')) return quoted.slice(1, -1);
  try {
    return JSON.parse(
      quoted.replace(/\\(.)/gs, (escape, letter: string) => ({ a: '\\u0007', v: '\\u000b', "'": "'" })[letter] ?? escape),
    ) as string;
  } catch {
    throw wrong(`cannot read the string ${quoted}`);
  }
}
