import { MydockerError } from '../errors.ts';

/** A value or call inside `{{ }}`: what is piped comes last among the arguments. */
export type Term =
  | { readonly kind: 'literal'; readonly value: string | number | boolean }
  /** `.A.B`, `$`, `$x.A`: a variable (`` is the dot) and the fields below it. */
  | { readonly kind: 'path'; readonly variable: string; readonly fields: readonly string[] }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Term[] };

export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'print'; readonly term: Term }
  | { readonly kind: 'if' | 'with'; readonly term: Term; readonly then: readonly Node[]; readonly otherwise: readonly Node[] }
  | {
      readonly kind: 'range';
      readonly key: string;
      readonly value: string;
      readonly term: Term;
      readonly then: readonly Node[];
      readonly otherwise: readonly Node[];
    };

function wrong(message: string): MydockerError {
  return new MydockerError('usage', `template: ${message}`);
}

type Token = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'action'; readonly text: string };

export function parseTemplate(template: string): readonly Node[] {
  const tokens = tokensOf(template);
  const nodes = parseNodes(tokens);
  if (tokens.length > 0) throw wrong(`unexpected {{${tokens[0]?.text ?? ''}}}`);
  return nodes;
}

function tokensOf(template: string): Token[] {
  const tokens: Token[] = [];
  let rest = template;
  for (let open = rest.indexOf('{{'); open >= 0; open = rest.indexOf('{{')) {
    const close = rest.indexOf('}}', open);
    if (close < 0) throw wrong('unclosed action');
    const action = rest.slice(open + 2, close);
    const before = rest.slice(0, open);
    // A dash beside the braces takes the white space away on that side.
    tokens.push({ kind: 'text', text: action.startsWith('- ') ? before.trimEnd() : before });
    tokens.push({ kind: 'action', text: action.replace(/^- | -$/g, '').trim() });
    rest = rest.slice(close + 2);
    if (action.endsWith(' -')) rest = rest.trimStart();
  }
  tokens.push({ kind: 'text', text: rest });
  return tokens;
}

/** Up to the `else` or `end` that belongs to the caller. */
function parseNodes(tokens: Token[]): Node[] {
  const nodes: Node[] = [];
  for (let token = tokens[0]; token !== undefined; token = tokens[0]) {
    if (token.kind === 'action' && /^(end|else)\b/.test(token.text)) break;
    tokens.shift();
    nodes.push(token.kind === 'text' ? token : parseAction(token.text, tokens));
  }
  return nodes;
}

function parseAction(text: string, tokens: Token[]): Node {
  const [, keyword = '', rest = ''] = /^(if|with|range)\s+(.*)$/s.exec(text) ?? [];
  if (keyword === '') return { kind: 'print', term: parsePipeline(text) };
  const then = parseNodes(tokens);
  const next = tokens.shift();
  let otherwise: readonly Node[] = [];
  if (next?.text.startsWith('else') === true) {
    const nested = next.text.replace(/^else\s*/, '');
    otherwise = nested === '' ? parseNodes(tokens) : [parseAction(nested, tokens)];
    if (nested === '') tokens.shift();
  } else if (next === undefined) {
    throw wrong(`{{${keyword}}} without {{end}}`);
  }
  if (keyword !== 'range') return { kind: keyword === 'if' ? 'if' : 'with', term: parsePipeline(rest), then, otherwise };
  const [, key, value, source] = /^\$(\w+)\s*(?:,\s*\$(\w+)\s*)?:=\s*(.*)$/s.exec(rest) ?? [];
  const names = value === undefined ? { key: '', value: key ?? '' } : { key: key ?? '', value };
  return { kind: 'range', ...names, term: parsePipeline(source ?? rest), then, otherwise };
}

const WORD = /\s*(?:("(?:[^"\\]|\\.)*"|`[^`]*`)|(-?\d+(?:\.\d+)?)|(\(|\)|\|)|(\$?[\w.$]+))/y;

function parsePipeline(text: string): Term {
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
  if (!/^[a-zA-Z]\w*$/.test(first) || first === 'true' || first === 'false') return parseTerm(first, words, text);
  const args: Term[] = [];
  while (words[0] !== undefined && words[0] !== '|' && words[0] !== ')') args.push(parseTerm(words.shift() ?? '', words, text));
  return { kind: 'call', name: first, args };
}

function parseTerm(word: string, words: string[], text: string): Term {
  if (word === '(') {
    const term = parsePipes(words, text);
    if (words.shift() !== ')') throw wrong(`unclosed parenthesis in {{${text}}}`);
    return term;
  }
  if (word.startsWith('"')) return { kind: 'literal', value: JSON.parse(word) as string };
  if (word.startsWith('`')) return { kind: 'literal', value: word.slice(1, -1) };
  if (word === 'true' || word === 'false') return { kind: 'literal', value: word === 'true' };
  if (/^-?\d/.test(word)) return { kind: 'literal', value: Number(word) };
  const [, variable = '', path = ''] = /^(?:\$(\w*))?((?:\.\w*)*)$/.exec(word) ?? [];
  if (!word.startsWith('.') && !word.startsWith('$')) return { kind: 'call', name: word, args: [] };
  return { kind: 'path', variable: word.startsWith('$') ? `$${variable}` : '', fields: path.split('.').filter(Boolean) };
}
