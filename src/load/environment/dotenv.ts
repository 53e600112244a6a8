import { substitute, TemplateError } from '../interpolate/template.ts';

type Lookup = (name: string) => string | undefined;

export interface DotenvEntry {
  readonly name: string;
  readonly value: string;
  /** Offset of the name in the text. */
  readonly offset: number;
}
export interface DotenvError {
  readonly message: string;
  readonly offset: number;
}

/**
 * Parses an env file in Compose's dialect: `export`, `NAME=value` and `NAME: value`, bare names (taken from `lookup`),
 * single quotes (literal), double quotes (escapes and `$`), several lines inside quotes, ` #` comments.
 * `lookup` is asked before the names of the file itself, `fallback` after them.
 */
export function parseDotenv(
  text: string,
  lookup: Lookup,
  fallback: Lookup = () => undefined,
): { entries: DotenvEntry[]; error: DotenvError | undefined } {
  const parser = new DotenvParser(text, lookup, fallback);
  try {
    parser.parse();
    return { entries: parser.entries, error: undefined };
  } catch (error) {
    if (error instanceof TemplateError) {
      const [line = ''] = text.slice(parser.statement).split('\n', 1);
      const message = error.kind === 'required' ? error.message : `${error.message}: ${line}`;
      return { entries: parser.entries, error: { message, offset: parser.statement } };
    }
    if (error instanceof DotenvSyntaxError) return { entries: parser.entries, error: { message: error.message, offset: error.offset } };
    throw error;
  }
}

class DotenvSyntaxError extends Error {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

const EXPORT = /export[^\S\n]+/y;
const NAME_CHARACTER = /[\p{L}\p{N}_.\-[\]]/u;
const ESCAPE = /\\(0[0-7]{0,3}|[abcfnrtv$"\\])/g;

class DotenvParser {
  readonly entries: DotenvEntry[] = [];
  statement = 0;
  private readonly text: string;
  private readonly lookup: Lookup;
  private readonly fallback: Lookup;
  private readonly own = new Map<string, string>();
  private at: number;

  constructor(text: string, lookup: Lookup, fallback: Lookup) {
    this.text = text;
    this.lookup = lookup;
    this.fallback = fallback;
    this.at = text.startsWith('\uFEFF') ? 1 : 0;
  }

  parse(): void {
    while (this.skipToStatement()) {
      EXPORT.lastIndex = this.at;
      this.at += EXPORT.exec(this.text)?.[0].length ?? 0;
      this.statement = this.at;
      const { name, bare } = this.readName();
      if (bare) {
        const value = this.lookup(name) ?? this.fallback(name);
        if (value !== undefined) this.set(name, value);
      } else this.set(name, this.readValue());
    }
  }

  private set(name: string, value: string): void {
    this.own.set(name, value);
    this.entries.push({ name, value, offset: this.statement });
  }

  private skipToStatement(): boolean {
    for (;;) {
      while (this.at < this.text.length && /\s/.test(this.text.charAt(this.at))) this.at += 1;
      if (this.at >= this.text.length) return false;
      if (this.text.charAt(this.at) !== '#') return true;
      const end = this.text.indexOf('\n', this.at);
      if (end === -1) return false;
      this.at = end;
    }
  }

  private readName(): { name: string; bare: boolean } {
    const start = this.at;
    let end = this.text.length;
    let bare = true;
    for (let at = start; at < this.text.length; at += 1) {
      const char = this.text.charAt(at);
      if (char === '=' || char === ':' || char === '\n') {
        end = at;
        bare = char === '\n';
        break;
      }
      if (!NAME_CHARACTER.test(char) && !/\s/.test(char)) {
        const line = this.text.slice(start).split('\n', 1)[0] ?? '';
        throw new DotenvSyntaxError(`unexpected character ${JSON.stringify(char)} in variable name ${JSON.stringify(line)}`, at);
      }
    }
    const name = this.text.slice(start, end).trimEnd();
    if (/\s/.test(name)) throw new DotenvSyntaxError(`key cannot contain a space: ${JSON.stringify(name)}`, start);
    this.at = end + 1;
    return { name, bare };
  }

  private readValue(): string {
    while (/[^\S\n]/.test(this.text.charAt(this.at))) this.at += 1;
    const quote = this.text.charAt(this.at);
    if (quote === '"' || quote === "'") return this.readQuoted(quote);
    const newline = this.text.indexOf('\n', this.at);
    const end = newline === -1 ? this.text.length : newline;
    const line = this.text.slice(this.at, end);
    this.at = end;
    const comment = line.indexOf(' #');
    return this.expand((comment === -1 ? line : line.slice(0, comment)).trimEnd());
  }

  private readQuoted(quote: string): string {
    const start = this.at;
    let value = '';
    for (let at = start + 1; at < this.text.length; at += 1) {
      const char = this.text.charAt(at);
      if (char === quote) {
        this.at = at + 1;
        return quote === '"' ? this.expand(expandEscapes(value)) : value;
      }
      if (char === '\\' && at + 1 < this.text.length) {
        at += 1;
        const escaped = this.text.charAt(at);
        value += escaped === quote ? quote : `\\${escaped}`;
      } else value += char;
    }
    const line = this.text.slice(start).split('\n', 1)[0] ?? '';
    throw new DotenvSyntaxError(`unterminated quoted value ${line}`, start);
  }

  private expand(template: string): string {
    return substitute(template, { lookup: (name) => this.lookup(name) ?? this.own.get(name) ?? this.fallback(name) });
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '"': '"',
  '\\': '\\',
  // Left to the substitution that follows, where `$$` is a dollar.
  $: '$$',
};

function expandEscapes(text: string): string {
  return text.replace(ESCAPE, (match, code: string) => {
    if (code.startsWith('0')) return code.length === 4 ? String.fromCharCode(parseInt(code, 8) & 0xff) : match;
    return ESCAPES[code] ?? match;
  });
}
