import type { Command } from 'commander';
import { MydockerError } from '../../errors.ts';
import { networkHash, serviceHash, volumeHash } from '../../model/config-hash.ts';
import type { Desired } from '../../plan/desired.ts';
import { projectOrName } from './session/load-desired.ts';
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
      await reconcile(session, desiredOf(revision, record), { ...upRequest([], {}), removeOrphans: true }, { adopt: false });
    });
}

function desiredOf(
  { project, images }: Revision,
  record: { readonly configFiles: readonly string[]; readonly workingDir: string },
): Desired {
  const hashes = <T>(members: Readonly<Record<string, T>> | undefined, hash: (member: T) => string): Record<string, string> =>
    Object.fromEntries(Object.entries(members ?? {}).map(([key, member]) => [key, hash(member)]));
  return {
    project,
    disabledServices: {},
    variableContents: new Map(),
    contents: readContents(project),
    configFiles: record.configFiles,
    workingDir: record.workingDir,
    seccompProfiles: new Map(),
    serviceHashes: hashes(project.services, serviceHash),
    networkHashes: hashes(project.networks, networkHash),
    volumeHashes: hashes(project.volumes, volumeHash),
    pinnedImages: images,
  };
}
