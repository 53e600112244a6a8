import type { Command } from 'commander';
import { writeOut } from '../../util/stdio.ts';
import type { Cli } from './cli.ts';
import { parsePlatform } from '../../model/platform.ts';
import { pullReporter } from './pull-reporter.ts';

interface PullFlags {
  readonly platform?: string;
  readonly quiet?: boolean;
}

export function defineVerb(command: Command, cli: Cli): void {
  command
    .argument('<NAME[:TAG|@DIGEST]>')
    .option('--platform <platform>', 'the image for this platform, e.g. linux/arm64')
    .option('-q, --quiet', 'suppress verbose output')
    .action(async (name: string, { platform, quiet = false }: PullFlags) => {
      const { canonicalName, familiarName, familiarRepository, parseReference, parseTagged } =
        await import('../../runtime/images/reference.ts');
      const reference = parseTagged(name);
      const say = (line: string): void => {
        if (!quiet) writeOut(`${line}\n`);
      };
      const wish = platform === undefined ? {} : { platform: parsePlatform(platform) };
      const { tag, digest } = parseReference(name);
      if (tag === undefined && digest === undefined) say('Using default tag: latest');
      const runtime = await cli.open();
      say(`${reference.tag ?? reference.digest ?? ''}: Pulling from ${familiarRepository(reference).replace(/^(?!.*\/)/, 'library/')}`);
      const pulled = await runtime.images.pull(name, { ...wish, onProgress: pullReporter(say) });
      say(`Digest: ${pulled.digest}`);
      say(`Status: ${pulled.isNew ? 'Downloaded newer image' : 'Image is up to date'} for ${familiarName(reference)}`);
      writeOut(`${canonicalName(reference)}\n`);
    });
}
