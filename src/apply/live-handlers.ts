import { MydockerError } from '../errors.ts';
import { parsePlatform } from '../model/platform.ts';
import type { ApplyContext } from './apply-context.ts';
import type { Handlers } from './apply-plan.ts';
import { buildService } from './build-service.ts';
import { containerHandlers } from './container-handlers.ts';
import { unlessGone } from './unless-gone.ts';
import { waitForService } from './wait-for-service.ts';

/** The handlers that change the world. */
export function liveHandlers(context: ApplyContext): Handlers {
  const { containers, images, networks, volumes } = context.runtime;
  return {
    ...containerHandlers(context),
    'pull-image': async ({ reference, optional, platform }) => {
      try {
        await images.pull(reference, {
          onProgress: (progress) => context.onPull?.(reference, progress),
          ...(platform === '' ? {} : { platform: parsePlatform(platform) }),
        });
      } catch (error) {
        if (!optional || !(error instanceof MydockerError)) throw error;
        const instead = (await images.get(reference)) === undefined ? '' : ', the one that is here is used';
        context.warn(`image ${reference} could not be pulled${instead}: ${error.message}`);
      }
    },
    'build-image': async ({ service }) => {
      await buildService(context, service);
    },
    'remove-image': ({ reference }) => unlessGone(images.remove(reference)),
    'create-network': async ({ draft }) => {
      await networks.create(draft);
    },
    'remove-network': ({ name }) => unlessGone(networks.remove(name)),
    'create-volume': async ({ name, driver, driverOpts, labels }) => {
      await volumes.create({ name, driver, driverOpts, labels });
    },
    'remove-volume': ({ name }) => unlessGone(volumes.remove(name)),
    'rename-volume': ({ name, newName, labels }) => volumes.rename(name, newName, labels),
    'rename-network': ({ name, newName, labels }) => networks.rename(name, newName, labels),
    'rename-image': async ({ reference, newReference }) => {
      await images.tag(reference, newReference);
      await images.remove(reference);
    },
    'move-container': ({ containerId, move }) => containers.move(containerId, move),
    'wait-for': (operation) => waitForService(context, operation),
  };
}
