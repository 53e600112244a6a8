import type { Core } from './core/core.ts';
import type { EventLog } from './store/event-log.ts';
import type { FolderSyncs } from './store/folder-syncs.ts';
import type { Locks } from './store/locks.ts';
import type { Roots } from './store/roots.ts';

/** What every store of one command shares. */
export interface RuntimeContext {
  readonly roots: Roots;
  readonly core: Core;
  readonly locks: Locks;
  readonly syncs: FolderSyncs;
  readonly events: EventLog;
  /** Tells the user about the host or a record, once per text; the command goes on. */
  warn(message: string): void;
}
