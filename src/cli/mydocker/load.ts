import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { Command } from 'commander';
import { MydockerError } from '../../errors.ts';
import { errnoOf } from '../../util/errno.ts';
import { isTerminal, writeOut } from '../../util/stdio.ts';
import type { Cli } from './cli.ts';

export function defineVerb(command: Command, cli: Cli): void {
  command
    .option('-i, --input <file>', 'read from a tar archive, instead of standard input')
    .option('-q, --quiet', 'suppress the load output')
    .action(async ({ input, quiet = false }: { readonly input?: string; readonly quiet?: boolean }) => {
      const { familiarName, parseReference } = await import('../../runtime/images/reference.ts');
      const source = await openInput(input);
      const runtime = await cli.open();
      for (const { id, names } of await runtime.images.load(source)) {
        if (names.length === 0) writeOut(quiet ? `${id}\n` : `Loaded image ID: ${id}\n`);
        for (const name of names) writeOut(`Loaded image: ${familiarName(parseReference(name))}\n`);
      }
    });
}

async function openInput(path: string | undefined): Promise<Readable> {
  if (path === undefined) {
    if (isTerminal(0))
      throw new MydockerError('usage', 'requested load from stdin, but stdin is a terminal', { hint: 'Use -i FILE, or redirect.' });
    return process.stdin;
  }
  const status = await stat(path).catch((error: unknown) => {
    throw new MydockerError(errnoOf(error) === 'ENOENT' ? 'not-found' : 'invalid', `cannot read ${path}: ${errnoOf(error)}`, {
      cause: error,
    });
  });
  if (status.isDirectory()) throw new MydockerError('invalid', `${path} is a directory, not an archive`);
  return createReadStream(path, { highWaterMark: 1 << 20 });
}
