import type { Command } from 'commander';
import { loadDesired } from './session/load-desired.ts';
import { pushImages } from './session/push-images.ts';
import type { Session } from './session/session.ts';

interface PushFlags {
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
    .action(async (services: readonly string[], { ignorePushFailures, includeDeps, quiet }: PushFlags) => {
      const { project } = await loadDesired(session.globals, services);
      const names = services.length === 0 || includeDeps === true ? Object.keys(project.services) : services;
      await pushImages(session, project, names, { quiet: quiet === true, ignoreFailures: ignorePushFailures === true });
    });
}
