import { createInterface } from 'node:readline/promises';
import { isTerminal } from '../../../util/stdio.ts';

/** Asks on stderr and reads a line of stdin, be it a terminal or not; the end of the input is no. */
export async function confirm(question: string): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: isTerminal(0) });
  const ended = new Promise<string>((resolve) => {
    lines.once('close', () => {
      resolve('');
    });
  });
  try {
    return /^y(?:es)?$/i.test((await Promise.race([lines.question(`${question} [yN] `), ended])).trim());
  } finally {
    lines.close();
  }
}
