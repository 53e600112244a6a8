import type { Handlers } from './apply-plan.ts';

const nothing = (): Promise<void> => Promise.resolve();

/** Handlers that have no runtime to call: a dry run cannot change anything. */
export const DRY_RUN_HANDLERS: Handlers = {
  'pull-image': nothing,
  'build-image': nothing,
  'remove-image': nothing,
  'create-network': nothing,
  'remove-network': nothing,
  'create-volume': nothing,
  'remove-volume': nothing,
  'rename-volume': nothing,
  'rename-network': nothing,
  'rename-image': nothing,
  'move-container': nothing,
  'create-container': nothing,
  'recreate-container': nothing,
  'update-container': nothing,
  'rename-container': nothing,
  'start-container': nothing,
  'stop-container': nothing,
  'restart-container': nothing,
  'kill-container': nothing,
  'pause-container': nothing,
  'unpause-container': nothing,
  'remove-container': nothing,
  'wait-for': nothing,
};
