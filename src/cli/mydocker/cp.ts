import type { Command } from 'commander';
import { MydockerError } from '../../errors.ts';
import { humanSize } from '../../ui/human.ts';
import { isTerminal, writeErr } from '../../util/stdio.ts';
import type { Cli } from './cli.ts';

interface CopyFlags {
  readonly archive?: boolean;
  readonly followLink?: boolean;
  readonly quiet?: boolean;
}

export function defineVerb(command: Command, cli: Cli): void {
  command
    .usage('[OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-\n       mydocker cp [OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH')
    .argument('<source>')
    .argument('<target>')
    .option('-a, --archive', 'keep all owners')
    .option('-L, --follow-link', 'always follow a symbolic link in SRC_PATH')
    .option('-q, --quiet', 'suppress progress output')
    .action(async (source: string, target: string, { archive = false, followLink = false, quiet = false }: CopyFlags) => {
      const from = parseSide(source);
      const to = parseSide(target);
      if (from.container !== undefined && to.container !== undefined)
        throw new MydockerError('usage', 'copying between containers is not supported');
      const container = from.container ?? to.container;
      if (container === undefined) throw new MydockerError('usage', 'one of source and target must be CONTAINER:PATH');
      const options = { archive, followLink };
      const { files } = await cli.open();
      if (to.path === '-' && to.container === undefined) {
        if (isTerminal(1)) throw new MydockerError('usage', 'cowardly refusing to write a tar archive to a terminal');
        await files.copyToStream(container, from.path, process.stdout, options);
        return;
      }
      if (from.path === '-' && from.container === undefined) {
        await files.copyFromStream(container, process.stdin, to.path);
        return;
      }
      const bytes = await (from.container === undefined
        ? files.copyTo(container, from.path, to.path, options)
        : files.copyFrom(container, from.path, to.path, options));
      const place = to.container === undefined ? to.path : `${to.container}:${to.path}`;
      if (!quiet && isTerminal(2)) writeErr(`Successfully copied ${humanSize(bytes)} to ${place}\n`);
    });
}

/** `container:path`; a path that starts with `/` or `.` is the host's even with a colon in it. */
function parseSide(text: string): { readonly container?: string; readonly path: string } {
  const colon = text.indexOf(':');
  if (text.startsWith('/') || text.startsWith('.') || colon < 0) {
    if (text === '') throw new MydockerError('usage', 'an empty path');
    return { path: text };
  }
  if (colon === 0) throw new MydockerError('usage', `${JSON.stringify(text)}: the container’s name is missing`);
  return { container: text.slice(0, colon), path: text.slice(colon + 1) || '/' };
}
