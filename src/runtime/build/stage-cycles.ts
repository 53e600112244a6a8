import type { Instruction } from './dockerfile-lines.ts';
import { findStage, problem, type Stage } from './stages.ts';

/** Throws `invalid` when what a stage needs, directly or by others, needs that stage itself. */
export function checkCycles(stages: readonly Stage[], target: Stage, file: string): void {
  const done = new Set<number>();
  const visit = (stage: Stage, path: readonly number[]): void => {
    if (path.includes(stage.index)) {
      throw problem(file, stage.line, `circular dependency detected on stage: ${stage.name === '' ? String(stage.index) : stage.name}`);
    }
    if (done.has(stage.index)) return;
    for (const needed of neededStages(stages, stage)) visit(needed, [...path, stage.index]);
    done.add(stage.index);
  };
  visit(target, []);
}

function neededStages(stages: readonly Stage[], { index, base, instructions }: Stage): readonly Stage[] {
  const start = stages.slice(0, index).findLast(({ name }) => name !== '' && name === base.toLowerCase());
  const named = instructions.flatMap(sourcesOf).map((reference) => findStage(stages, reference));
  return [start, ...named].filter((stage) => stage !== undefined);
}

function sourcesOf({ flags }: Instruction): readonly string[] {
  return flags.flatMap(([name, value]) => {
    if (name === 'from') return [value];
    return name === 'mount' ? (/(?:^|,)from=([^,]+)/.exec(value)?.slice(1) ?? []) : [];
  });
}
