import type { Operation, OperationKind } from '../model/plan.ts';

interface Words {
  readonly doing: string;
  readonly done: string;
  /** Begins are worth a line of their own: this may take a while. */
  readonly slow?: boolean;
}

const WORDS: Readonly<Record<OperationKind, Words>> = {
  'pull-image': { doing: 'Pulling', done: 'Pulled', slow: true },
  'build-image': { doing: 'Building', done: 'Built', slow: true },
  'remove-image': { doing: 'Removing', done: 'Removed' },
  'create-network': { doing: 'Creating', done: 'Created' },
  'remove-network': { doing: 'Removing', done: 'Removed' },
  'create-volume': { doing: 'Creating', done: 'Created' },
  'remove-volume': { doing: 'Removing', done: 'Removed' },
  'rename-volume': { doing: 'Renaming', done: 'Renamed' },
  'rename-network': { doing: 'Renaming', done: 'Renamed' },
  'rename-image': { doing: 'Renaming', done: 'Renamed' },
  'move-container': { doing: 'Renaming', done: 'Renamed' },
  'create-container': { doing: 'Creating', done: 'Created' },
  'recreate-container': { doing: 'Recreate', done: 'Recreated', slow: true },
  'update-container': { doing: 'Updating', done: 'Updated' },
  'rename-container': { doing: 'Renaming', done: 'Renamed' },
  'start-container': { doing: 'Starting', done: 'Started' },
  'stop-container': { doing: 'Stopping', done: 'Stopped', slow: true },
  'restart-container': { doing: 'Restarting', done: 'Started', slow: true },
  'kill-container': { doing: 'Killing', done: 'Killed' },
  'pause-container': { doing: 'Pausing', done: 'Paused' },
  'unpause-container': { doing: 'Unpausing', done: 'Unpaused' },
  'remove-container': { doing: 'Removing', done: 'Removed' },
  'wait-for': { doing: 'Waiting', done: 'Ready', slow: true },
};

/** Causes that say no more than the verb does. */
const OBVIOUS = new Set(['', 'not there', 'new', 'made anew', 'forced']);

export function isSlow({ kind }: Operation): boolean {
  return WORDS[kind].slow === true;
}

export function doingWord({ kind }: Operation): string {
  return WORDS[kind].doing;
}

export function doneWord(operation: Operation): string {
  if (operation.kind !== 'wait-for') return WORDS[operation.kind].done;
  return operation.condition === 'service_healthy' ? 'Healthy' : 'Exited';
}

/** Of what was not begun, since something before it failed. */
export function undoneWord(operation: Operation): string {
  return `Not ${doneWord(operation).toLowerCase()}`;
}

/** `Container demo-web-1`. */
export function subject({ resource }: Operation): string {
  const text = resource.replace(/ to be .*$| to complete$/, '');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function shownCause({ cause }: Operation): string {
  return OBVIOUS.has(cause) ? '' : cause;
}
