import type { Command } from 'commander';
import { MydockerError } from '../../errors.ts';
import { writeErr } from '../../util/stdio.ts';
import { loadDesired } from './session/load-desired.ts';
import { warn, type Session } from './session/session.ts';

interface PushOptions {
  readonly ignorePushFailures?: boolean;
  readonly includeDeps?: boolean;
  readonly quiet?: boolean;
}

export function definePush(command: Command, session: Session): void {
  command
    .argument('[services...]')
    .option('--ignore-push-failures', 'Push what it can and ignores images with push failures')
    .option('--include-deps', 'Also push images of services declared as dependencies')
    .option('-q, --quiet', 'Push without printing progress information')
    .addHelpText('after', '\nExample:\n  mydocker-compose push web')
    .action(async (services: readonly string[], options: PushOptions) => {
      const { project } = await loadDesired(session.globals, services);
      const runtime = await session.runtime();
      const names = services.length === 0 || options.includeDeps === true ? Object.keys(project.services) : services;
      for (const name of names) {
        const { image, build } = project.services[name] ?? {};
        if (build === undefined || image === undefined) continue;
        if (options.quiet !== true) writeErr(` ${image} Pushing\n`);
        if (session.globals.dryRun) continue;
        try {
          await runtime.images.push(image);
          if (options.quiet !== true) writeErr(` ${image} Pushed\n`);
        } catch (error) {
          if (options.ignorePushFailures !== true || !(error instanceof MydockerError)) throw error;
          warn(`image ${image} could not be pushed: ${error.message}`);
        }
      }
    });
}
