import type { Runtime } from '../model/runtime.ts';
import { Core } from './core/core.ts';
import type { RuntimeContext } from './context.ts';
import { openImageStore, type LocalImageStore } from './images/image-store.ts';
import { EventLog } from './store/event-log.ts';
import { Locks } from './store/locks.ts';
import { findRoots, makeRoots, type RootFlags } from './store/roots.ts';

/** The real runtime: the stores of `Runtime` and what the single-container front needs beside them. */
export interface MydockerRuntime extends Pick<Runtime, 'warnings' | 'close'> {
  readonly context: RuntimeContext;
  readonly images: LocalImageStore;
}

export function openRuntime(flags: RootFlags): Promise<MydockerRuntime> {
  const roots = findRoots(flags, process.env);
  makeRoots(roots);
  const core = new Core();
  const warnings = new Set<string>();
  const context: RuntimeContext = {
    roots,
    core,
    locks: new Locks(core),
    events: new EventLog(roots),
    warn: (message) => warnings.add(message),
  };
  return Promise.resolve({ context, images: openImageStore(context), warnings: () => [...warnings], close: () => core.close() });
}
