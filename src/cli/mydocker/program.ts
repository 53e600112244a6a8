import { CommanderError } from 'commander';
import { MydockerError } from '../../errors.ts';
import type { MydockerRuntime } from '../../runtime/runtime.ts';
import { writeErr } from '../../util/stdio.ts';
import type { Cli } from './cli.ts';
import { defineVerbs, newCommand } from './define-verbs.ts';
import { VERSION } from '../version.ts';
import { verbs } from './verbs.ts';

interface GlobalOptions {
  readonly dataRoot?: string;
  readonly runRoot?: string;
}

/** Runs one `mydocker` command and returns its exit status. */
export async function runMydocker(argv: readonly string[]): Promise<number> {
  const program = newCommand('mydocker')
    .description('Single containers, without a daemon')
    .version(`mydocker version ${VERSION}`, '-v, --version')
    .option('--data-root <folder>', 'where images, containers and volumes are kept (MYDOCKER_DATA_ROOT)')
    .option('--run-root <folder>', 'where the state of what runs is kept (MYDOCKER_RUN_ROOT)')
    .enablePositionalOptions();
  let status = 0;
  let runtime: Promise<MydockerRuntime> | undefined;
  const cli: Cli = {
    open: () => (runtime ??= openRuntime(program.opts<GlobalOptions>())),
    setExitStatus: (wish) => {
      status = wish;
    },
  };
  try {
    await defineVerbs(program, verbs, cli, wordsOf(argv));
    await program.parseAsync([...argv], { from: 'user' });
    return status;
  } catch (error) {
    return exitStatusOf(error);
  } finally {
    await closeRuntime(runtime);
  }
}

/** The verb's words: what is left without the global options that stand before them. A wish for help of all verbs stays. */
function wordsOf(argv: readonly string[]): readonly string[] {
  let index = 0;
  while (index < argv.length) {
    const word = argv[index] ?? '';
    if (!word.startsWith('-') || word === '--help') break;
    index += word === '--data-root' || word === '--run-root' ? 2 : 1;
  }
  return argv.slice(index);
}

async function openRuntime(options: GlobalOptions): Promise<MydockerRuntime> {
  const { openRuntime: open } = await import('../../runtime/runtime.ts');
  return open(options);
}

async function closeRuntime(opened: Promise<MydockerRuntime> | undefined): Promise<void> {
  const runtime = await opened?.catch(() => undefined);
  if (runtime === undefined) return;
  for (const warning of runtime.warnings()) writeErr(`warning: ${warning}\n`);
  await runtime.close();
}

function exitStatusOf(error: unknown): number {
  if (!(error instanceof CommanderError)) throw error;
  if (error.exitCode === 0) return 0;
  if (error.code === 'commander.help') return 1;
  // As docker: 125 for a flag it does not know, 1 for everything else about the words.
  const aboutFlag = /^commander\.(unknownOption|optionMissingArgument|invalidArgument|missingMandatoryOptionValue)$/.test(error.code);
  throw new MydockerError('usage', error.message.replace(/^error: /, ''), {
    exitStatus: aboutFlag ? 125 : 1,
    hint: 'See mydocker --help, or mydocker VERB --help.',
    cause: error,
  });
}
