import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { Command } from 'commander';
import { MydockerError } from '../../errors.ts';
import { errnoOf } from '../../util/errno.ts';
import { writeOut } from '../../util/stdio.ts';
import type { Cli } from './cli.ts';
import { collect } from './collect.ts';

interface ImportFlags {
  readonly change: readonly string[];
  readonly message?: string;
  readonly platform?: string;
}

export function defineVerb(command: Command, cli: Cli): void {
  command
    .argument('<file|URL|->', 'a tar archive, plain or compressed; - is standard input')
    .argument('[REPOSITORY[:TAG]]', 'name of the new image')
    .option('-c, --change <instruction>', 'apply a Dockerfile instruction to the image', collect, [])
    .option('-m, --message <text>', 'set a commit message')
    .option('--platform <platform>', 'set the platform, e.g. linux/arm64')
    .action(async (source: string, name: string | undefined, flags: ImportFlags) => {
      const { parseTagged } = await import('../../runtime/images/reference.ts');
      const { applyChanges } = await import('../../runtime/images/instructions.ts');
      // What a person wrote is checked before anything is read.
      const reference = name === undefined ? undefined : parseTagged(name);
      if (reference?.digest !== undefined)
        throw new MydockerError('invalid', 'cannot import with a digest in the name', { resource: `image ${name ?? ''}` });
      const config = applyChanges({}, flags.change);
      const architecture = flags.platform === undefined ? undefined : architectureOf(flags.platform);
      const runtime = await cli.open();
      const id = await runtime.images.import({
        source: await openSource(source),
        config,
        comment: flags.message ?? `Imported from ${source}`,
        ...(reference === undefined ? {} : { name: reference }),
        ...(architecture === undefined ? {} : { architecture }),
      });
      writeOut(`${id}\n`);
    });
}

function architectureOf(platform: string): string {
  const match = /^linux\/([a-z0-9]+)(?:\/\w+)?$/.exec(platform);
  if (match?.[1] !== undefined) return match[1];
  throw new MydockerError('invalid', `platform ${JSON.stringify(platform)} is not linux/ARCHITECTURE`);
}

async function openSource(source: string): Promise<Readable> {
  if (source === '-') return process.stdin;
  if (/^https?:\/\//.test(source)) return download(source);
  try {
    if ((await stat(source)).isDirectory()) throw new MydockerError('invalid', `${source} is a directory, not a tar archive`);
  } catch (error) {
    if (error instanceof MydockerError) throw error;
    throw new MydockerError(errnoOf(error) === 'ENOENT' ? 'not-found' : 'invalid', `cannot read ${source}: ${errnoOf(error)}`, {
      cause: error,
    });
  }
  return createReadStream(source, { highWaterMark: 1 << 20 });
}

async function download(url: string): Promise<Readable> {
  const response = await fetch(url).catch((error: unknown) => {
    throw new MydockerError('invalid', `cannot download ${url}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  });
  if (!response.ok || response.body === null)
    throw new MydockerError('invalid', `cannot download ${url}: HTTP status ${String(response.status)}`);
  return Readable.fromWeb(response.body);
}
