import { createInterface } from 'node:readline/promises';
import { isTerminal } from '../../../util/stdio.ts';

/** Asks on the terminal; without one the answer is no. */
export async function confirm(question: string): Promise<boolean> {
  if (!isTerminal(0)) return false;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(?:es)?$/i.test((await lines.question(`${question} [yN] `)).trim());
  } finally {
    lines.close();
  }
}
