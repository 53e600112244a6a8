interface Pattern {
  readonly regexp: RegExp;
  readonly negated: boolean;
}

/** The rules of a `.dockerignore`: the last pattern that matches a path or one of its parents decides. */
export class IgnorePatterns {
  readonly #patterns: readonly Pattern[];

  constructor(lines: readonly string[]) {
    this.#patterns = lines.flatMap(parse);
  }

  static parse(text: string): IgnorePatterns {
    return new IgnorePatterns(
      text
        .replace(/^\uFEFF/, '')
        .split(/\r?\n/)
        .filter((line) => !line.startsWith('#')),
    );
  }

  /** `path` is relative to the context, with `/` between its parts. */
  ignores(path: string): boolean {
    let ignored = false;
    for (const { regexp, negated } of this.#patterns) {
      if (negated === ignored && regexp.test(path)) ignored = !negated;
    }
    return ignored;
  }

  /** Whether something below an ignored folder may be wanted after all. */
  get hasExceptions(): boolean {
    return this.#patterns.some(({ negated }) => negated);
  }
}

function parse(line: string): readonly Pattern[] {
  const trimmed = line.trim();
  const negated = trimmed.startsWith('!');
  const text = clean(negated ? trimmed.slice(1).trim() : trimmed);
  if (text === '') return [];
  checkBrackets(text);
  return [{ negated, regexp: new RegExp(`^${translate(text)}(?:/.*)?$`, 's') }];
}

/** Without `.`, `..` and empty parts; empty when nothing is left. */
function clean(text: string): string {
  const parts: string[] = [];
  for (const part of text.split('/')) {
    if (part === '..' && parts.length > 0) parts.pop();
    else if (part !== '' && part !== '.' && part !== '..') parts.push(part);
  }
  return parts.join('/');
}

function checkBrackets(text: string): void {
  const open = text.replace(/\\./g, '').replace(/\[[!^]?[^\]]+\]/g, '');
  if (open.includes('[')) throw new SyntaxError(`syntax error in pattern ${JSON.stringify(text)}: a bracket is not closed`);
}

/** Go's filepath.Match with `**` for any number of folders. */
function translate(pattern: string): string {
  let result = '';
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern.charAt(at);
    if (pattern.startsWith('**/', at)) {
      result += '(?:.*/)?';
      at += 2;
    } else if (pattern.startsWith('**', at)) {
      result += '.*';
      at++;
    } else if (char === '*') result += '[^/]*';
    else if (char === '?') result += '[^/]';
    else if (char === '[') {
      const end = pattern.indexOf(']', at + 2);
      if (end < 0) return `${result}\\[${translate(pattern.slice(at + 1))}`;
      result += pattern
        .slice(at, end + 1)
        .replace(/^\[!/, '[^')
        .replaceAll('\\', '\\\\');
      at = end;
    } else if (char === '\\' && at + 1 < pattern.length) result += escaped(pattern.charAt(++at));
    else result += escaped(char);
  }
  return result;
}

function escaped(char: string): string {
  return char.replace(/[.*+?^${}()|[\]\\/]/, '\\$&');
}

/** A single path pattern of COPY: `*` and `?` do not cross folders. */
export function globExpression(pattern: string): RegExp {
  return new RegExp(`^${translate(pattern)}$`, 's');
}
