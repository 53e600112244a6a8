import type { Command } from 'commander';
import { writeOut } from '../../util/stdio.ts';
import type { Cli } from './cli.ts';
import { registryDomain } from './registry-name.ts';

export function defineVerb(command: Command, _cli: Cli): void {
  command.argument('[SERVER]', 'the registry; Docker Hub when nothing is said').action(async (server: string | undefined) => {
    const { eraseCredentials } = await import('../../runtime/images/registry/credentials.ts');
    const { serverKey } = await import('../../runtime/images/registry/docker-config.ts');
    const domain = registryDomain(server);
    const known = await eraseCredentials(domain);
    writeOut(known ? `Removing login credentials for ${serverKey(domain)}\n` : `Not logged in to ${serverKey(domain)}\n`);
  });
}
