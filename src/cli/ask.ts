import { createInterface } from 'node:readline/promises';
import { MydockerError } from '../errors.ts';
import { isTerminal, writeErr } from '../util/stdio.ts';

/** Asks on stderr for a line of stdin, be that a terminal or not; the end of the input is an empty line. */
export async function askLine(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: isTerminal(0) });
  const ended = new Promise<string>((resolve) => {
    lines.once('close', () => {
      resolve('');
    });
  });
  try {
    return (await Promise.race([lines.question(question), ended])).trim();
  } finally {
    lines.close();
  }
}

/** Anything but `y` or `yes`, the end of the input too, is no. */
export async function confirm(question: string): Promise<boolean> {
  return /^y(?:es)?$/i.test(await askLine(`${question} [y/N] `));
}

const ENTER = ['\r', '\n', '\u0004'];
const INTERRUPT = '\u0003';
const ERASE = ['\u007f', '\b'];

/** As `askLine`, without showing what is typed. */
export function askHidden(question: string): Promise<string> {
  writeErr(question);
  const { stdin } = process;
  return new Promise((resolve, reject) => {
    let typed = '';
    const end = (finish: () => void): void => {
      stdin.off('data', take);
      stdin.setRawMode(false);
      stdin.pause();
      writeErr('\n');
      finish();
    };
    const take = (chunk: Buffer): void => {
      for (const key of chunk.toString()) {
        if (key === INTERRUPT) return end(() => reject(new MydockerError('usage', 'interrupted', { exitStatus: 130 })));
        if (ENTER.includes(key)) return end(() => resolve(typed));
        typed = ERASE.includes(key) ? typed.slice(0, -1) : typed + key;
      }
    };
    stdin.setRawMode(true);
    stdin.on('data', take);
    stdin.resume();
  });
}
