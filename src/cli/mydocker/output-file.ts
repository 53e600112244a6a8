import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { finished } from 'node:stream/promises';
import { MydockerError } from '../../errors.ts';
import { errnoOf } from '../../util/errno.ts';
import { randomHex } from '../../util/random.ts';
import { isTerminal } from '../../util/stdio.ts';

/** Runs `produce` on standard output, or on a file that appears under its name only when it is whole. */
export async function withOutput(path: string | undefined, produce: (output: NodeJS.WritableStream) => Promise<void>): Promise<void> {
  if (path === undefined || path === '-') {
    if (isTerminal(1)) {
      throw new MydockerError('usage', 'cowardly refusing to save to a terminal', { hint: 'Use the -o flag or redirect.' });
    }
    await produce(process.stdout);
    return;
  }
  const status = await stat(path).catch(() => undefined);
  // A pipe or a device cannot be replaced.
  const special = status !== undefined && !status.isFile();
  if (status?.isDirectory() === true) throw new MydockerError('invalid', `${path} is a directory`);
  const target = special ? path : join(dirname(path), `.${basename(path)}.${randomHex(4)}.tmp`);
  const output = createWriteStream(target, { mode: 0o600, flush: !special });
  const ended = finished(output).catch((error: unknown) => {
    throw new MydockerError('invalid', `cannot write ${path}: ${errnoOf(error)}`, { cause: error });
  });
  try {
    await Promise.race([produce(output), ended]);
    output.end();
    await ended;
    if (!special) await rename(target, path);
  } catch (error) {
    output.destroy();
    ended.catch(() => undefined);
    if (!special) await rm(target, { force: true });
    throw error;
  }
}
