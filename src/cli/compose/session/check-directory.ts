import { existsSync } from 'node:fs';
import { MydockerError } from '../../../errors.ts';
import { LABELS } from '../../../model/compose-labels.ts';
import type { Container, Runtime } from '../../../model/runtime.ts';
import type { Desired } from '../../../plan/desired.ts';
import { isSameRemote } from '../../../runtime/remote-files/cache.ts';
import { projectContainers } from './observe.ts';

interface Origin {
  readonly workingDir: string;
  readonly configFiles: readonly string[];
}

/**
 * Two projects of one name from different directories would take each other's containers and volumes. What counts is where the
 * project was applied from last; a directory that is not there any more has been moved or removed.
 */
export async function checkDirectory(runtime: Runtime, desired: Desired, observed?: readonly Container[]): Promise<void> {
  const { name } = desired.project;
  const record = await runtime.projects.get(name);
  const origins = record === undefined ? (observed ?? (await projectContainers(runtime, name))).flatMap(originOf) : [record];
  const other = origins.find((origin) => isElsewhere(origin, desired));
  if (other === undefined || !(await hasAnything(runtime, name, observed))) return;
  throw new MydockerError(
    'conflict',
    `project "${name}" is already in use from ${other.workingDir}; this one is in ${desired.workingDir}`,
    {
      hint: `choose another name with -p, take the project over with \`up --adopt\`, or name it alone, without these files: \`-p ${name}\``,
    },
  );
}

function originOf({ config: { labels } }: Container): readonly Origin[] {
  const workingDir = labels[LABELS.workingDir];
  return workingDir === undefined ? [] : [{ workingDir, configFiles: (labels[LABELS.configFiles] ?? '').split(',') }];
}

function isElsewhere({ workingDir, configFiles }: Origin, desired: Desired): boolean {
  if (workingDir === desired.workingDir || isSameRemote(workingDir, desired.workingDir)) return false;
  if (configFiles.some((file) => desired.configFiles.includes(file))) return false;
  return configFiles.some((file) => file !== '' && existsSync(file));
}

async function hasAnything(runtime: Runtime, name: string, observed?: readonly Container[]): Promise<boolean> {
  const containers = observed ?? (await projectContainers(runtime, name));
  return containers.length > 0 || (await runtime.volumes.list()).some(({ labels }) => labels[LABELS.project] === name);
}
