import { isAlive, ownStartTime } from './process-times.ts';

/** On the containers in which builds run their steps: number and start time of the process that builds. */
const BUILDER = 'io.mydocker.builder';

export function builderLabel(): Readonly<Record<string, string>> {
  return { [BUILDER]: `${String(process.pid)} ${String(ownStartTime())}` };
}

export function isOfBuild(labels: Readonly<Record<string, string>>): boolean {
  return BUILDER in labels;
}

/** A container of a build that goes on: no rubbish, even when it does not run. */
export function isOfLivingBuild(labels: Readonly<Record<string, string>>): boolean {
  const [pid, start] = (labels[BUILDER] ?? '').split(' ').map(Number);
  return isAlive({ pid: pid ?? 0, start: start ?? 0 });
}
