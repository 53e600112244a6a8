import { MydockerError } from '../../../errors.ts';
import type { Project } from '../../../model/project.ts';
import { writeErr } from '../../../util/stdio.ts';
import { warn, type Session } from './session.ts';

export interface PushOptions {
  readonly quiet: boolean;
  readonly ignoreFailures: boolean;
}

/** Pushes the images of those of the services that are built here and have a name to be pushed to. */
export async function pushImages(
  session: Session,
  { services }: Project,
  names: readonly string[],
  { quiet, ignoreFailures }: PushOptions,
): Promise<void> {
  const runtime = await session.runtime();
  const tell = (text: string): void => {
    if (!quiet) writeErr(` ${text}\n`);
  };
  for (const name of names) {
    const { image, build } = services[name] ?? {};
    if (build === undefined || image === undefined) continue;
    tell(`${image} Pushing`);
    if (session.globals.dryRun) continue;
    try {
      await runtime.images.push(image);
      tell(`${image} Pushed`);
    } catch (error) {
      if (!ignoreFailures || !(error instanceof MydockerError)) throw error;
      warn(`image ${image} could not be pushed: ${error.message}`);
    }
  }
}
