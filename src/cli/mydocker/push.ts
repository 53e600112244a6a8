import type { Command } from 'commander';
import { writeOut } from '../../util/stdio.ts';
import type { Cli } from './cli.ts';

const WORDS = { pushing: 'Preparing', pushed: 'Pushed', exists: 'Layer already exists' } as const;

export function defineVerb(command: Command, cli: Cli): void {
  command
    .argument('<NAME[:TAG]>')
    .option('-q, --quiet', 'suppress verbose output')
    .action(async (name: string, { quiet = false }: { readonly quiet?: boolean }) => {
      const { canonicalName, parseTagged } = await import('../../runtime/images/reference.ts');
      const reference = parseTagged(name);
      const say = (line: string): void => {
        if (!quiet) writeOut(`${line}\n`);
      };
      const runtime = await cli.open();
      say(`The push refers to repository [${canonicalName({ domain: reference.domain, path: reference.path })}]`);
      const digest = await runtime.images.push(name, ({ layer, status }) => say(`${layer}: ${WORDS[status]}`));
      say(`${reference.tag ?? 'latest'}: digest: ${digest}`);
      if (quiet) writeOut(`${canonicalName(reference)}\n`);
    });
}
