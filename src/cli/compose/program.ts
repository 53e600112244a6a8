import { Command, CommanderError } from 'commander';
import { MydockerError } from '../../errors.ts';
import { writeErr, writeOut } from '../../util/stdio.ts';
import { reportAsJson } from '../report-error.ts';
import { COMMANDS, type CommandEntry } from './command-table.ts';
import { defineGlobals } from './session/define-globals.ts';
import { readGlobals, type Globals, type RawGlobals } from './session/globals.ts';
import { openComposeRuntime, type ComposeRuntime, type Session } from './session/session.ts';
import { withoutGoBooleans } from './session/go-booleans.ts';

/** Names that commands had in earlier versions of Docker Compose. */
const ALIASES: Readonly<Record<string, string>> = { convert: 'config' };

/** Runs one command line; returns the exit status. */
export async function runCompose(argv: readonly string[]): Promise<number> {
  const program = new Command('mydocker-compose')
    .description('Define and run multi-container applications')
    .usage('[OPTIONS] COMMAND')
    .enablePositionalOptions()
    .helpCommand(false)
    .helpOption('-h, --help', 'Show this help')
    .configureHelp({ sortOptions: true })
    .addHelpText('after', '\nRun `mydocker-compose COMMAND --help` for the flags of a command and an example.')
    .exitOverride()
    .configureOutput({ writeOut, writeErr: () => undefined, outputError: () => undefined });
  defineGlobals(program);

  const opened: { runtime?: Promise<ComposeRuntime>; globals?: Globals } = {};
  const word = commandName(argv, program);
  if (word === 'help') return runCompose(helpAsFlag(argv));
  const name = ALIASES[word ?? ''] ?? word;
  const session: Session = {
    command: name ?? '',
    exitStatus: 0,
    get globals() {
      return (opened.globals ??= readGlobals(
        program.opts<RawGlobals>(),
        process.env,
        program.commands.some((command) => command.opts()['dryRun'] === true),
      ));
    },
    runtime: () => (opened.runtime ??= openComposeRuntime(session.globals)),
  };

  for (const [key, { summary, group, load, hidden }] of commandsFor(argv, word, name)) {
    const command = program
      .command(key, { hidden: hidden ?? false })
      .description(summary)
      .helpGroup(group ?? '')
      .helpOption('-h, --help', 'Show this help')
      .exitOverride()
      .configureOutput({ writeOut, writeErr, outputError: () => undefined });
    if (key === name) {
      (await load())(command, session);
      if (word !== undefined && word !== name) command.alias(word);
      if (!command.options.some(({ long }) => long === '--dry-run')) command.option('--dry-run', 'Execute command in dry run mode');
    }
  }
  if (name === undefined && argv.some((arg) => arg === '--version' || arg === '-v')) return printVersion(program, session);
  try {
    await program.parseAsync(withoutGoBooleans(argv, program, name), { from: 'user' });
    return session.exitStatus;
  } catch (error) {
    if (opened.globals?.progress === 'json' && error instanceof MydockerError) return reportAsJson(error);
    return commandLineProblem(error, program, name);
  } finally {
    if (opened.runtime !== undefined) await closeRuntime(await opened.runtime);
  }
}

/** The command that is called. All where it is none of them, or help comes before it: they are listed, or tell what was meant. */
function commandsFor(
  argv: readonly string[],
  word: string | undefined,
  name: string | undefined,
): readonly (readonly [string, CommandEntry])[] {
  const called = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  const helpFirst = argv.slice(0, argv.indexOf(word ?? '')).some((arg) => arg === '-h' || arg === '--help');
  return name === undefined || called === undefined || helpFirst ? Object.entries(COMMANDS) : [[name, called]];
}

/** `help up` as `up --help`; a command that does not exist as it stands, to be told so. */
function helpAsFlag(argv: readonly string[]): readonly string[] {
  const at = argv.indexOf('help');
  const topic = argv.slice(at + 1).find((arg) => !arg.startsWith('-'));
  const isKnown = topic === undefined || Object.hasOwn(COMMANDS, ALIASES[topic] ?? topic);
  return [...argv.slice(0, at), ...argv.slice(at + 1), ...(isKnown ? ['--help'] : [])];
}

async function printVersion(program: Command, session: Session): Promise<number> {
  const { defineVersion } = await import('./version.ts');
  const command = new Command('version');
  defineVersion(command, session);
  await command.parseAsync([], { from: 'user' });
  return session.exitStatus;
}

async function closeRuntime(runtime: ComposeRuntime): Promise<void> {
  for (const warning of runtime.warnings()) writeErr(`warning: ${warning}\n`);
  await runtime.close();
}

/** The first word that is neither a global flag nor the value of one. */
function commandName(argv: readonly string[], program: Command): string | undefined {
  for (let index = 0; index < argv.length; index++) {
    const arg = argv[index] ?? '';
    if (arg === '--') return argv[index + 1];
    if (!arg.startsWith('-') || arg === '-') return arg;
    const option = program.options.find(({ long, short }) => long === arg || short === arg);
    if (option?.required === true) index++;
  }
  return undefined;
}

/** Help was asked for, or the line is wrong: commander says which by its code. */
function commandLineProblem(error: unknown, program: Command, name: string | undefined): number {
  if (!(error instanceof CommanderError)) throw error;
  if (error.code === 'commander.helpDisplayed' || error.code === 'commander.version') return 0;
  if (error.code === 'commander.help') {
    program.outputHelp({ error: false });
    return 0;
  }
  throw new MydockerError('usage', error.message.replace(/^error: /, ''), {
    hint: `see \`mydocker-compose ${name !== undefined && Object.hasOwn(COMMANDS, name) ? `${name} ` : ''}--help\``,
  });
}
