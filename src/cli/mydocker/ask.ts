import { createInterface } from 'node:readline/promises';
import { MydockerError } from '../../errors.ts';
import { writeErr } from '../../util/stdio.ts';

/** A line that the user types on the terminal. */
export async function askLine(question: string): Promise<string> {
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await reader.question(question)).trim();
  } finally {
    reader.close();
  }
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
