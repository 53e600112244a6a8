import { Refused } from './refused.ts';

/** The lines of a text that hold more than a comment. Start and indent move when a reader enters `- ` on a line. */
export interface Lines {
  readonly count: number;
  /** Offset of the first character that is not a space. */
  readonly start: number[];
  /** Offset after the last character that is not a space. */
  readonly end: number[];
  readonly indent: number[];
  /** Offset of the newline, spaces before it included. */
  lineEnd(index: number): number;
}

export function splitLines(text: string): Lines {
  const start: number[] = [];
  const end: number[] = [];
  const indent: number[] = [];
  const lineEnds: number[] = [];
  let opened = false;
  for (let begin = 0; begin < text.length;) {
    const newline = text.indexOf('\n', begin);
    const stop = newline === -1 ? text.length : newline;
    let first = begin;
    while (first < stop && text.charCodeAt(first) === 32) first += 1;
    if (first < stop && text.charCodeAt(first) !== 35) {
      if (first === begin && isMarker(text, begin)) {
        // One `---` may open the file.
        if (opened || start.length > 0 || !/^--- *$/.test(text.slice(begin, stop))) throw new Refused();
        opened = true;
      } else {
        let last = stop;
        while (text.charCodeAt(last - 1) === 32) last -= 1;
        start.push(first);
        end.push(last);
        indent.push(first - begin);
        lineEnds.push(stop);
      }
    }
    begin = stop + 1;
  }
  return { count: start.length, start, end, indent, lineEnd: (index) => lineEnds[index] ?? text.length };
}

function isMarker(text: string, begin: number): boolean {
  return text.startsWith('---', begin) || text.startsWith('...', begin) || text.charCodeAt(begin) === 37;
}
