import { Command, type Option } from 'commander';
import { COMMANDS } from '../command-table.ts';
import { defineGlobals } from '../session/define-globals.ts';
import { readGlobals, type Globals, type RawGlobals } from '../session/globals.ts';
import type { Session } from '../session/session.ts';

/** What may stand at the place of the last word: with `files` the shell adds the names of files. */
export interface Completion {
  readonly candidates: readonly Candidate[];
  readonly files: boolean;
}

export interface Candidate {
  readonly value: string;
  readonly description: string;
}

/** The names of the services that the global flags typed so far lead to. */
export type ListServices = (globals: Globals) => Promise<readonly string[]>;

/** Completes the last of `words`, which are the command line without the program's name; the last may be empty. */
export async function complete(words: readonly string[], listServices: ListServices): Promise<Completion> {
  const current = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const program = new Command();
  defineGlobals(program);
  const name = commandOf(before, program);
  const owner = name === undefined ? program : await commandNamed(name);
  const waiting = optionAwaitingValue(before.at(-1), [...owner.options, ...(name === undefined ? [] : program.options)]);
  const services = (): Promise<readonly string[]> => listServices(globalsOf(program, before, name));
  if (waiting !== undefined) return valuesOf(waiting, current, services);
  if (current.startsWith('-')) return only(owner.options.filter(isShown).flatMap(optionCandidates), current);
  if (name === undefined) return only(Object.entries(COMMANDS).flatMap(commandCandidate), current);
  return operands(owner, current, before.slice(before.indexOf(name) + 1), services);
}

/** The first word that is neither a flag nor the value of one. */
function commandOf(words: readonly string[], program: Command): string | undefined {
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    if (!word.startsWith('-')) return word;
    if (optionAwaitingValue(word, program.options) !== undefined) index++;
  }
  return undefined;
}

async function commandNamed(name: string): Promise<Command> {
  const command = new Command(name);
  const entry = COMMANDS[name];
  if (entry !== undefined) (await entry.load())(command, IDLE);
  return command;
}

/** A command only declares itself here; nothing of it is run. */
const IDLE: Session = {
  command: '',
  exitStatus: 0,
  get globals(): Globals {
    throw new Error('a completion runs no command');
  },
  runtime: () => Promise.reject(new Error('a completion runs no command')),
};

function globalsOf(program: Command, words: readonly string[], name: string | undefined): Globals {
  program.parseOptions(name === undefined ? [...words] : [...words.slice(0, words.indexOf(name))]);
  return readGlobals(program.opts<RawGlobals>(), process.env);
}

function optionAwaitingValue(word: string | undefined, options: readonly Option[]): Option | undefined {
  return options.find(({ long, short, required }) => required && word !== undefined && (long === word || short === word));
}

async function valuesOf(
  { argChoices, long, flags }: Option,
  current: string,
  services: () => Promise<readonly string[]>,
): Promise<Completion> {
  if (argChoices !== undefined)
    return only(
      argChoices.map((value) => ({ value, description: '' })),
      current,
    );
  if (flags.includes('<service>')) return ofServices(await services(), current, '');
  if (flags.includes('<service=')) return ofServices(await services(), current, '=');
  return { candidates: [], files: /<(?:file|path|folder|dir)/.test(flags) || long === '--file' };
}

async function operands(
  command: Command,
  current: string,
  given: readonly string[],
  list: () => Promise<readonly string[]>,
): Promise<Completion> {
  const index = given.filter((word) => !word.startsWith('-')).length;
  const { registeredArguments } = command;
  const argument = registeredArguments[index] ?? registeredArguments.findLast(({ variadic }) => variadic);
  if (argument === undefined) return { candidates: [], files: false };
  if (argument.argChoices !== undefined)
    return only(
      argument.argChoices.map((value) => ({ value, description: '' })),
      current,
    );
  if (argument.name() === 'service=replicas') return ofServices(await list(), current, '=');
  if (!/^services?$/.test(argument.name())) return { candidates: [], files: true };
  const services = (await list()).filter((service) => !given.includes(service));
  return ofServices(services, current, '');
}

function ofServices(services: readonly string[], current: string, suffix: string): Completion {
  return only(
    services.map((service) => ({ value: service + suffix, description: 'service' })),
    current,
  );
}

function only(candidates: readonly Candidate[], start: string): Completion {
  return { candidates: candidates.filter(({ value }) => value.startsWith(start)), files: false };
}

function isShown({ hidden }: Option): boolean {
  return !hidden;
}

function optionCandidates({ long, short, description }: Option): Candidate[] {
  return [long, short].flatMap((value) => (value === undefined ? [] : [{ value, description }]));
}

function commandCandidate([value, { summary, hidden }]: [string, (typeof COMMANDS)[string]]): Candidate[] {
  return hidden === true ? [] : [{ value, description: summary }];
}
