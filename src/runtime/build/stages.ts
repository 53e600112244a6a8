import { MydockerError } from '../../errors.ts';
import { expandWord, splitWords, type Lookup } from '../images/shell-words.ts';
import type { Instruction } from './dockerfile-lines.ts';

export interface Stage {
  /** `AS name`, lower case; empty without. */
  readonly name: string;
  readonly index: number;
  /** What it starts from: an image, an earlier stage, a named context or `scratch`; variables replaced. */
  readonly base: string;
  readonly platform: string;
  readonly instructions: readonly Instruction[];
  readonly line: number;
}

export interface DockerfilePlan {
  readonly stages: readonly Stage[];
  /** ARGs before the first FROM, with the values given: stages see them when they declare them again. */
  readonly globals: ReadonlyMap<string, string>;
}

/** Groups instructions into stages. Throws `invalid`. */
export function planStages(
  instructions: readonly Instruction[],
  args: Readonly<Record<string, string>>,
  file: string,
  known: Iterable<readonly [string, string]> = [],
): DockerfilePlan {
  const globals = new Map<string, string>(known);
  const stages: Stage[] = [];
  const lookup: Lookup = (name) => globals.get(name);
  for (const instruction of instructions) {
    const last = stages.at(-1);
    if (instruction.keyword === 'FROM') stages.push(stageOf(instruction, stages.length, lookup, file));
    else if (last !== undefined) stages[stages.length - 1] = { ...last, instructions: [...last.instructions, instruction] };
    else if (instruction.keyword === 'ARG')
      for (const [name, value] of argsOf(instruction.rest, lookup)) setGlobal(globals, name, args[name] ?? value);
    else throw problem(file, instruction.line, `${instruction.keyword} stands before the first FROM`);
  }
  if (stages.length === 0) throw new MydockerError('invalid', 'the Dockerfile has no FROM', { resource: file });
  return { stages, globals };
}

function setGlobal(globals: Map<string, string>, name: string, value: string | undefined): void {
  if (value !== undefined) globals.set(name, value);
}

function stageOf({ rest, flags, line }: Instruction, index: number, lookup: Lookup, file: string): Stage {
  const [base = '', as = '', name = '', ...more] = splitWords(rest);
  if (base === '' || more.length > 0 || (as !== '' && (as.toLowerCase() !== 'as' || name === ''))) {
    throw problem(file, line, `FROM ${rest}: write FROM IMAGE or FROM IMAGE AS NAME`);
  }
  if (name !== '' && !/^[a-z][a-z0-9-_.]*$/.test(name.toLowerCase())) {
    throw problem(file, line, `invalid name for build stage: ${JSON.stringify(name)}, name can't start with a number or contain symbols`);
  }
  const image = expandWord(base, lookup);
  if (image === '') throw problem(file, line, `base name (${base}) should not be blank`);
  const platform = flags.find(([flag]) => flag === 'platform')?.[1] ?? '';
  return { name: name.toLowerCase(), index, base: image, platform: expandWord(platform, lookup), instructions: [], line };
}

/** `ARG NAME[=VALUE]…`: the names with their defaults. */
export function argsOf(rest: string, lookup: Lookup): readonly (readonly [string, string | undefined])[] {
  return splitWords(rest).map((word) => {
    const equals = word.indexOf('=');
    return equals < 0 ? [expandWord(word, lookup), undefined] : [word.slice(0, equals), expandWord(word.slice(equals + 1), lookup)];
  });
}

/** A stage by name or number; undefined when there is none (then it is an image or a context). */
export function findStage(stages: readonly Stage[], reference: string): Stage | undefined {
  return (
    stages.find(({ name }) => name !== '' && name === reference.toLowerCase()) ?? stages.find(({ index }) => String(index) === reference)
  );
}

/** The stage to build: the last one, or `target`. */
export function targetStage({ stages }: DockerfilePlan, target: string | undefined, file: string): Stage {
  const stage = target === undefined || target === '' ? stages.at(-1) : findStage(stages, target);
  if (stage !== undefined) return stage;
  throw new MydockerError('not-found', `target stage "${target ?? ''}" could not be found`, {
    resource: file,
    hint: `Stages: ${stages.map(({ name, index }) => (name === '' ? String(index) : name)).join(', ')}.`,
  });
}

export function problem(file: string, line: number, message: string): MydockerError {
  return new MydockerError('invalid', message, { resource: file, position: { file, line, column: 1 } });
}
