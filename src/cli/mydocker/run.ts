import type { Command } from 'commander';
import { MydockerError } from '../../errors.ts';
import type { MydockerRuntime } from '../../runtime/runtime.ts';
import { isTerminal, writeOut } from '../../util/stdio.ts';
import type { Cli } from './cli.ts';
import { createFromFlags } from './run/create-container.ts';
import { defineRunFlags, runFlagsOf, type RunFlags } from './run/flags.ts';
import { asRunFailure } from './run/run-failure.ts';
import { oneOf } from './run/values.ts';
import { followSession } from './session.ts';

export function defineVerb(command: Command, cli: Cli): void {
  defineRunFlags(command)
    .option('-d, --detach', 'run in the background and print the id')
    .option('--sig-proxy [boolean]', 'pass signals on to the process', 'true')
    .action(async (image: string, words: readonly string[]) => {
      const flags = runFlagsOf(command);
      const runtime = await asRunFailure(() => cli.open());
      cli.setExitStatus(await asRunFailure(() => run(runtime, flags, image, words)));
    });
}

async function run(runtime: MydockerRuntime, flags: RunFlags, image: string, words: readonly string[]): Promise<number> {
  checkTerminal(flags);
  const id = await createFromFlags(runtime, flags, image, words);
  const removeFailed = async (error: unknown): Promise<never> => {
    if (flags.rm === true) await runtime.containers.remove(id, { force: true, volumes: true });
    throw error;
  };
  if (flags.detach === true) {
    await runtime.containers.start(id).catch(removeFailed);
    writeOut(`${id}\n`);
    return 0;
  }
  const session = await runtime.containers
    .open(id, {
      attach: {
        ...streamsOf(flags),
        sigProxy: flags.sigProxy !== 'false',
        ...(flags.detachKeys === undefined ? {} : { detachKeys: flags.detachKeys }),
      },
    })
    .catch(removeFailed);
  const end = await followSession(runtime, session);
  if (end.detached) return 0;
  if (flags.rm === true) await runtime.containers.remove(id, { volumes: true, force: true });
  return end.code;
}

/** `-a` chooses streams; without it all, and stdin only with `-i`. */
function streamsOf(flags: RunFlags): { stdin: boolean; stdout: boolean; stderr: boolean } {
  const chosen = flags.attach.map((stream) => oneOf('--attach', stream.toLowerCase(), ['stdin', 'stdout', 'stderr'] as const));
  const all = chosen.length === 0;
  return {
    stdin: (flags.interactive ?? false) && (all || chosen.includes('stdin')),
    stdout: all || chosen.includes('stdout'),
    stderr: all || chosen.includes('stderr'),
  };
}

function checkTerminal(flags: RunFlags): void {
  if (flags.detach === true && flags.attach.length > 0) {
    throw new MydockerError('usage', 'conflicting options: cannot attach and detach', { exitStatus: 125 });
  }
  if (flags.tty === true && flags.interactive === true && flags.detach !== true && !isTerminal(0)) {
    throw new MydockerError('usage', 'the input device is not a TTY', {
      exitStatus: 1,
      hint: 'Leave out -t where stdin is a pipe or a file.',
    });
  }
}
