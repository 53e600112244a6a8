/** A command line as words; `cut` is the shell operator that ended it early. */
export interface SplitCommand {
  readonly words: string[];
  readonly cut?: string;
}

/**
 * Splits a command line at blanks, with quotes and backslashes, expanding nothing; as Docker Compose does, it ends at the
 * first shell operator that is not quoted, since no shell will see it. undefined: a quote or a parenthesis is not closed.
 */
export function splitCommand(line: string): SplitCommand | undefined {
  const words: string[] = [];
  let word = '';
  let inWord = false;
  let open = '';
  for (let at = 0; at < line.length; at += 1) {
    const char = line.charAt(at);
    if (char === '\\' && open !== "'") {
      at += 1;
      if (at >= line.length) return undefined;
      word += line.charAt(at);
      inWord = true;
    } else if (open === "'" || open === '"') {
      if (char === open) open = '';
      else word += char;
    } else if (open !== '') {
      word += char;
      if (char === open) open = '';
    } else if (char === "'" || char === '"') {
      open = char;
      inWord = true;
    } else if (/[ \t\r\n]/.test(char)) {
      if (inWord) words.push(word);
      word = '';
      inWord = false;
    } else if (/[;&|<>]/.test(char)) {
      // In `2>file` the digit belongs to the operator.
      if (inWord && !(char === '>' && /^\d/.test(word))) words.push(word);
      return { words, cut: char };
    } else if (char === ')' || (char === '(' && !word.endsWith('$'))) {
      return undefined;
    } else {
      if (char === '(') open = ')';
      if (char === '`') open = '`';
      word += char;
      inWord = true;
    }
  }
  if (open !== '') return undefined;
  return { words: inWord ? [...words, word] : words };
}
