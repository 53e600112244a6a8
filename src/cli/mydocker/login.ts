import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { MydockerError } from '../../errors.ts';
import { isTerminal, writeErr, writeOut } from '../../util/stdio.ts';
import type { Cli } from './cli.ts';
import { askHidden, askLine } from '../ask.ts';
import { registryDomain } from './registry-name.ts';

interface LoginFlags {
  readonly username?: string;
  readonly password?: string;
  readonly passwordStdin?: boolean;
}

export function defineVerb(command: Command, _cli: Cli): void {
  command
    .argument('[SERVER]', 'the registry; Docker Hub when nothing is said')
    .option('-u, --username <name>', 'user name')
    .option('-p, --password <password>', 'password or token; others may see it among the processes')
    .option('--password-stdin', 'read the password from standard input')
    .addHelpText(
      'after',
      '\nLogins are kept where Docker keeps them: ~/.docker/config.json (or $DOCKER_CONFIG), or the credential helper it names.',
    )
    .action(async (server: string | undefined, flags: LoginFlags) => {
      const { findCredentials, storeCredentials } = await import('../../runtime/images/registry/credentials.ts');
      const { verifyLogin } = await import('../../runtime/images/registry/login.ts');
      const domain = registryDomain(server);
      const known = flags.username === undefined ? await findCredentials(domain) : undefined;
      if (known !== undefined && flags.password === undefined && flags.passwordStdin !== true) {
        writeErr('Authenticating with existing credentials...\n');
        await verifyLogin(domain, known);
        writeOut('\nLogin Succeeded\n');
        return;
      }
      const login = await verifyLogin(domain, await askLogin(flags));
      const place = await storeCredentials(domain, login);
      if (place.endsWith('.json')) {
        writeErr(
          `\nWARNING! Your credentials are stored unencrypted in '${place}'.\nA credential helper (credsStore in that file) keeps them safer.\n`,
        );
      }
      writeOut('\nLogin Succeeded\n');
    });
}

async function askLogin({ username, password, passwordStdin }: LoginFlags): Promise<{ username: string; password: string }> {
  if (passwordStdin === true) {
    if (password !== undefined) throw new MydockerError('usage', '--password and --password-stdin are mutually exclusive');
    if (username === undefined) throw new MydockerError('usage', 'Must provide --username with --password-stdin');
    return { username, password: checked((await text(process.stdin)).replace(/\r?\n$/, '')) };
  }
  if (password !== undefined) {
    writeErr('WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n');
    if (username === undefined && !isTerminal(0)) throw notInteractive();
    return { username: username ?? (await askLine('Username: ')), password: checked(password) };
  }
  if (!isTerminal(0)) throw notInteractive();
  const name = username ?? (await askLine('Username: '));
  return { username: name, password: checked(await askHidden('Password: ')) };
}

function checked(password: string): string {
  if (password === '') throw new MydockerError('usage', 'password is empty');
  return password;
}

function notInteractive(): MydockerError {
  return new MydockerError('usage', 'cannot perform an interactive login from a non TTY device', {
    hint: 'Give --username and --password-stdin.',
  });
}
