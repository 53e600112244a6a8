import { createWriteStream } from 'node:fs';
import type { Command } from 'commander';
import { MydockerError } from '../../errors.ts';
import { isTerminal } from '../../util/stdio.ts';
import { projectOrName } from './session/load-desired.ts';
import { selectReplica } from './session/select-containers.ts';
import type { Session } from './session/session.ts';
import { wholeNumber } from './session/values.ts';

export function defineExport(command: Command, session: Session): void {
  command
    .argument('<service>')
    .option('--index <index>', 'Index of the container if service has multiple replicas', wholeNumber)
    .option('-o, --output <file>', 'Write to a file, instead of STDOUT')
    .addHelpText('after', '\nExample:\n  mydocker-compose export -o web.tar web')
    .action(async (service: string, { index, output }: { readonly index?: number; readonly output?: string }) => {
      const runtime = await session.runtime();
      const container = await selectReplica(runtime, await projectOrName(session.globals), service, index);
      if (session.globals.dryRun) return;
      if (output === undefined && isTerminal(1)) {
        throw new MydockerError('usage', 'a tar archive is not written to a terminal', { hint: 'use -o FILE or redirect the output' });
      }
      await runtime.files.export(container.config.id, isTerminal(1) || output !== undefined ? await opened(output ?? '') : process.stdout);
    });
}

async function opened(path: string): Promise<NodeJS.WritableStream> {
  const file = createWriteStream(path);
  await new Promise((resolve, reject) => {
    file.once('open', resolve);
    file.once('error', (cause) => {
      reject(new MydockerError('host', `cannot write ${path}`, { cause }));
    });
  });
  return file;
}
