import { MydockerError } from '../../errors.ts';
import { expandWord, splitWords } from '../images/shell-words.ts';

export interface Heredoc {
  readonly name: string;
  readonly content: string;
  /** The delimiter was not quoted: variables in the content are replaced. */
  readonly expands: boolean;
}

/** One instruction of a Dockerfile, continuation lines joined. */
export interface Instruction {
  /** Upper case. */
  readonly keyword: string;
  /** `--name=value` words before the arguments; without a value it is empty. */
  readonly flags: readonly (readonly [string, string])[];
  readonly rest: string;
  readonly heredocs: readonly Heredoc[];
  /** From 1. */
  readonly line: number;
}

const TAKES_FLAGS: ReadonlySet<string> = new Set(['FROM', 'RUN', 'COPY', 'ADD']);
const TAKES_HEREDOCS: ReadonlySet<string> = new Set(['RUN', 'COPY', 'ADD']);

/** Splits a Dockerfile into instructions. Throws `invalid` with the line. */
export function parseDockerfile(text: string, file: string): readonly Instruction[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const escape = escapeCharacter(lines);
  const instructions: Instruction[] = [];
  for (let at = 0; at < lines.length;) {
    const start = at;
    const joined = joinContinued(lines, at, escape);
    at = joined.next;
    const trimmed = joined.text.trim();
    if (trimmed === '') continue;
    const { keyword, rest } = keywordOf(trimmed);
    const taker = keyword === 'ONBUILD' ? keywordOf(rest).keyword : keyword;
    const found = TAKES_HEREDOCS.has(taker) ? readHeredocs(lines, at, rest, { file, line: start + 1 }) : { heredocs: [], next: at };
    // A trigger is kept as the text it is.
    const whole = keyword === 'ONBUILD' ? [rest, ...lines.slice(at, found.next)].join('\n') : rest;
    at = found.next;
    const { flags, rest: args } = TAKES_FLAGS.has(keyword) ? splitFlags(whole) : { flags: [], rest: whole };
    instructions.push({ keyword, flags, rest: args, heredocs: found.heredocs, line: start + 1 });
  }
  if (instructions.length === 0) throw new MydockerError('invalid', 'the Dockerfile is empty', { resource: file });
  return instructions;
}

/** `# escape=` counts only before everything but other directives. */
function escapeCharacter(lines: readonly string[]): string {
  for (const line of lines) {
    const [, name, value] = /^#\s*([a-zA-Z]+)\s*=\s*(\S+)\s*$/.exec(line) ?? [];
    if (name === undefined) return '\\';
    if (name.toLowerCase() === 'escape' && (value === '`' || value === '\\')) return value;
  }
  return '\\';
}

function joinContinued(lines: readonly string[], from: number, escape: string): { readonly text: string; readonly next: number } {
  const tail = escape === '`' ? /`[ \t]*$/ : /\\[ \t]*$/;
  let text = '';
  let at = from;
  for (; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (/^\s*#/.test(line)) {
      if (text === '') return { text: '', next: at + 1 };
      continue; // a comment between continued lines
    }
    if (text !== '' && line.trim() === '') continue; // an empty line between them, too
    if (!tail.test(line)) return { text: text + line, next: at + 1 };
    text += line.replace(tail, '');
  }
  return { text, next: at };
}

function keywordOf(text: string): { readonly keyword: string; readonly rest: string } {
  const [, keyword = '', rest = ''] = /^(\S+)\s*([\s\S]*)$/.exec(text) ?? [];
  return { keyword: keyword.toUpperCase(), rest };
}

function splitFlags(text: string): { readonly flags: readonly (readonly [string, string])[]; readonly rest: string } {
  const flags: (readonly [string, string])[] = [];
  let rest = text;
  for (;;) {
    const match = /^--([a-z][a-z-]*)(?:=((?:"[^"]*"|'[^']*'|\S)*))?(?:\s+|$)/.exec(rest);
    if (match === null) return { flags, rest };
    flags.push([match[1] ?? '', match[2] ?? '']);
    rest = rest.slice(match[0].length);
  }
}

export interface HeredocStart {
  readonly name: string;
  readonly expands: boolean;
  /** `<<-`: tabs before the lines are taken away. */
  readonly dash: boolean;
}

/** The heredoc that a word begins (`<<EOF`, `3<<-'EOF'`); undefined when it is none. */
export function heredocStart(word: string): HeredocStart | undefined {
  const [, dash, text] = /^\d*<<(-?)([^<]+)$/s.exec(word) ?? [];
  if (text === undefined) return undefined;
  // The name is no variable: `<<$EOF` ends with a line `$EOF`.
  const name = expandWord(text.replaceAll('$', '\\$'), () => undefined);
  return { name, expands: !/["']/.test(text), dash: dash === '-' };
}

/** `<< EOF`, as shells take it, too, counts where a line ends it: elsewhere it is arithmetic. */
function heredocsOf(rest: string, isEnded: (name: string) => boolean): readonly HeredocStart[] {
  const words = splitWords(rest);
  return words.flatMap((word, index) => {
    const next = words[index + 1];
    const spaced = word === '<<' && next !== undefined ? heredocStart(`<<${next}`) : undefined;
    return heredocStart(word) ?? (spaced !== undefined && isEnded(spaced.name) ? [spaced] : []);
  });
}

function readHeredocs(
  lines: readonly string[],
  from: number,
  rest: string,
  place: { readonly file: string; readonly line: number },
): { readonly heredocs: readonly Heredoc[]; readonly next: number } {
  const heredocs: Heredoc[] = [];
  let at = from;
  for (const { name, dash, expands } of heredocsOf(rest, (name) => lines.includes(name, from))) {
    const content: string[] = [];
    for (;;) {
      const line = lines[at++];
      if (line === undefined) {
        throw new MydockerError('invalid', `the heredoc ${name} is not ended`, {
          resource: place.file,
          position: { ...place, column: 1 },
          hint: `Write ${name} alone on a line after its text.`,
        });
      }
      const text = dash ? line.replace(/^\t+/, '') : line;
      if (text === name) break;
      content.push(`${text}\n`);
    }
    heredocs.push({ name, content: content.join(''), expands });
  }
  return { heredocs, next: at };
}
