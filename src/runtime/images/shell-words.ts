import { MydockerError } from '../../errors.ts';

/** Splits at blanks that are not quoted; quotes and backslashes stay in the words. */
export function splitWords(text: string): readonly string[] {
  const words: string[] = [];
  let word = '';
  let quote = '';
  let inWord = false;
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i);
    if (quote === '' && /\s/.test(char)) {
      if (inWord) words.push(word);
      word = '';
      inWord = false;
      continue;
    }
    inWord = true;
    word += char;
    if (char === '\\' && quote !== "'" && i + 1 < text.length) word += text.charAt(++i);
    else if (quote === '' && (char === '"' || char === "'")) quote = char;
    else if (char === quote) quote = '';
  }
  if (inWord) words.push(word);
  return words;
}

export type Lookup = (name: string) => string | undefined;

/** Replaces `$NAME`, `${NAME}`, `${NAME:-word}`, `${NAME:+word}`, `${NAME:?text}`, `${NAME#pattern}` and the like, and takes quotes and backslashes away, as Dockerfiles do. */
export function expandWord(text: string, lookup: Lookup): string {
  return new Expansion(text, lookup).run('');
}

/** As `expandWord` for a line of several words: blanks that come out of a variable separate words, too. */
export function expandWords(text: string, lookup: Lookup): readonly string[] {
  return splitWords(text)
    .map((word) => expandWord(word, lookup))
    .filter((word) => word !== '');
}

class Expansion {
  readonly #text: string;
  readonly #lookup: Lookup;
  #at = 0;

  constructor(text: string, lookup: Lookup) {
    this.#text = text;
    this.#lookup = lookup;
  }

  /** Up to `end` (consumed), or to the end of the text. */
  run(end: string): string {
    let result = '';
    while (this.#at < this.#text.length) {
      const char = this.#text.charAt(this.#at++);
      if (char === end && end !== '') return result;
      if (char === '\\') result += this.#text.charAt(this.#at++);
      else if (char === "'") result += this.#literal();
      else if (char === '"') result += this.#quoted();
      else if (char === '$') result += this.#variable();
      else result += char;
    }
    if (end === '') return result;
    throw new MydockerError('invalid', `${JSON.stringify(this.#text)}: ${JSON.stringify(end)} is missing`);
  }

  #literal(): string {
    const end = this.#text.indexOf("'", this.#at);
    if (end < 0) throw new MydockerError('invalid', `${JSON.stringify(this.#text)}: a quote is not closed`);
    const text = this.#text.slice(this.#at, end);
    this.#at = end + 1;
    return text;
  }

  #quoted(): string {
    let result = '';
    while (this.#at < this.#text.length) {
      const char = this.#text.charAt(this.#at++);
      if (char === '"') return result;
      if (char === '$') result += this.#variable();
      else if (char === '\\' && '"$\\'.includes(this.#text.charAt(this.#at))) result += this.#text.charAt(this.#at++);
      else result += char;
    }
    throw new MydockerError('invalid', `${JSON.stringify(this.#text)}: a quote is not closed`);
  }

  #variable(): string {
    if (this.#text.charAt(this.#at) === '{') {
      this.#at++;
      return this.#braced();
    }
    const name = /^(?:[A-Za-z_]\w*|\d|[@*#])/.exec(this.#text.slice(this.#at))?.[0];
    if (name === undefined) return '$';
    this.#at += name.length;
    return this.#lookup(name) ?? '';
  }

  /** `${NAME#pattern}`, `##`, `%`, `%%`, `/pattern/text` and `//`. */
  #edited(value: string, operator: string): string {
    if (!operator.startsWith('/')) return withoutEnd(value, operator, this.run('}'));
    const pattern = this.run('/');
    const text = this.run('}');
    const expression = new RegExp(globSource(pattern), operator === '//' ? 'gs' : 's');
    return pattern === '' ? value : value.replace(expression, () => text);
  }

  #braced(): string {
    const match = /^([A-Za-z_]\w*|\d+)(:?[-+?]|\}|##?|%%?|\/\/?)/.exec(this.#text.slice(this.#at));
    const [head, name, operator] = match ?? [];
    if (head === undefined || name === undefined || operator === undefined) {
      throw new MydockerError('invalid', `${JSON.stringify(this.#text)}: bad substitution`);
    }
    this.#at += head.length;
    const value = this.#lookup(name);
    if (operator === '}') return value ?? '';
    if (/^[#%/]/.test(operator)) return this.#edited(value ?? '', operator);
    const word = this.run('}');
    const isSet = value !== undefined && !(operator.startsWith(':') && value === '');
    if (operator.endsWith('+')) return isSet ? word : '';
    if (isSet) return value;
    if (operator.endsWith('-')) return word;
    throw new MydockerError('invalid', `${name}: ${word === '' ? 'is not set' : word}`);
  }
}

/** Takes the shortest (`#`, `%`) or longest (`##`, `%%`) match of the pattern off the start (`#`) or the end (`%`). */
function withoutEnd(value: string, operator: string, pattern: string): string {
  const expression = new RegExp(`^${globSource(pattern)}$`, 's');
  const lengths = Array.from({ length: value.length + 1 }, (_, index) => (operator.length === 2 ? value.length - index : index));
  const fromStart = operator.startsWith('#');
  const found = lengths.find((length) => expression.test(fromStart ? value.slice(0, length) : value.slice(value.length - length)));
  if (found === undefined) return value;
  return fromStart ? value.slice(found) : value.slice(0, value.length - found);
}

function globSource(pattern: string): string {
  return pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
}
