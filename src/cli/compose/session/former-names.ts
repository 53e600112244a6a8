import { statSync } from 'node:fs';
import { LABELS } from '../../../model/compose-labels.ts';
import type { ProjectRecord, Runtime } from '../../../model/runtime.ts';
import type { Desired } from '../../../plan/desired.ts';

/** Device and inode, by which a directory that was moved is known again. */
export function directoryIdentity(path: string): string | undefined {
  const status = statSync(path, { throwIfNoEntry: false });
  return status === undefined ? undefined : `${String(status.dev)}:${String(status.ino)}`;
}

/** This directory was applied under other names that have volumes: a new name begins without them. For a project that was never applied. */
export async function formerNameWarnings(runtime: Runtime, { project, workingDir, configFiles }: Desired): Promise<readonly string[]> {
  const identity = directoryIdentity(workingDir);
  const records = (await runtime.projects.list()).filter(
    (record) =>
      record.name !== project.name &&
      (isSamePlace(record, workingDir, configFiles) || (identity !== undefined && wasMovedHere(record, identity))),
  );
  if (records.length === 0) return [];
  const volumes = await runtime.volumes.list();
  return records.flatMap(({ name }) => {
    const own = volumes.filter(({ labels }) => labels[LABELS.project] === name).map((volume) => volume.name);
    if (own.length === 0) return [];
    return `this directory was applied as project "${name}" before, which has ${own.length === 1 ? 'the volume' : 'the volumes'} ${own.join(', ')}; "${project.name}" begins without. To carry everything over: \`mydocker-compose up --rename-from ${name}\``;
  });
}

function isSamePlace(record: ProjectRecord, workingDir: string, configFiles: readonly string[]): boolean {
  return record.workingDir === workingDir && record.configFiles.some((file) => configFiles.includes(file));
}

function wasMovedHere({ workingDir, directory }: ProjectRecord, identity: string): boolean {
  return directory === identity && directoryIdentity(workingDir) === undefined;
}
