import type { Command } from 'commander';
import { MydockerError } from '../../errors.ts';
import { networkHash, serviceHash, volumeHash } from '../../model/config-hash.ts';
import type { Desired } from '../../plan/desired.ts';
import { containerInputs, projectOrName } from './session/load-desired.ts';
import { readContents } from './session/read-contents.ts';
import { reconcile } from './session/reconcile.ts';
import { readRecorded, type Revision } from './session/record.ts';
import type { Session } from './session/session.ts';
import { upRequest } from './session/up-options.ts';
import { wholeNumber } from './session/values.ts';

export function defineRollback(command: Command, session: Session): void {
  command
    .option('--to <revision>', 'Go to this revision of `history` in place of the one before', wholeNumber)
    .addHelpText('after', '\nThe files stay as they are: the next `up` applies them again.\n\nExample:\n  mydocker-compose rollback --to 3')
    .action(async ({ to }: { readonly to?: number }) => {
      const target = await projectOrName(session.globals);
      const runtime = await session.runtime();
      const [record, { history }] = await Promise.all([runtime.projects.get(target.name), readRecorded(runtime, target.name)]);
      const wanted = to ?? history.length - 1;
      const revision = history[wanted - 1];
      if (record === undefined || revision === undefined) {
        throw new MydockerError('not-found', `project "${target.name}" has no revision ${String(wanted)}`, {
          hint: 'see `mydocker-compose history`',
        });
      }
      for (const [reference, id] of Object.entries(revision.images)) {
        if ((await runtime.images.get(id)) === undefined) {
          throw new MydockerError(
            'not-found',
            `image ${reference} of revision ${String(wanted)} (${id.slice(0, 19)}) is not here any more`,
          );
        }
      }
      await reconcile(
        session,
        await desiredOf(revision, record, target.desired),
        { ...upRequest([], {}), removeOrphans: true },
        { adopt: false },
      );
    });
}

async function desiredOf(
  { project, images }: Revision,
  record: { readonly configFiles: readonly string[]; readonly workingDir: string },
  current: Desired | undefined,
): Promise<Desired> {
  const hashes = <T>(members: Readonly<Record<string, T>> | undefined, hash: (member: T) => string): Record<string, string> =>
    Object.fromEntries(Object.entries(members ?? {}).map(([key, member]) => [key, hash(member)]));
  return {
    project,
    disabledServices: {},
    variableContents: variableContents(project, current),
    contents: readContents(project),
    configFiles: record.configFiles,
    workingDir: record.workingDir,
    ...containerInputs(project, record.workingDir),
    serviceHashes: hashes(project.services, serviceHash),
    networkHashes: hashes(project.networks, networkHash),
    volumeHashes: hashes(project.volumes, volumeHash),
    pinnedImages: images,
  };
}

/** Values that come from variables are kept nowhere: they are those of now. */
function variableContents(project: Desired['project'], current: Desired | undefined): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const kind of ['configs', 'secrets'] as const) {
    for (const [name, { environment }] of Object.entries(project[kind] ?? {})) {
      if (environment === undefined) continue;
      const key = `${kind}/${name}`;
      const value = current?.variableContents.get(key) ?? process.env[environment];
      if (value === undefined) {
        throw new MydockerError('not-found', `the variable ${environment} is not set`, {
          resource: `${kind}.${name}`,
          hint: 'values of variables are not kept: set it as it was, then roll back again',
        });
      }
      found.set(key, value);
    }
  }
  return found;
}
