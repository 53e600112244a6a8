import { lstatSync, readdirSync, type Stats } from 'node:fs';
import { basename, join } from 'node:path';
import type { SyncChanges } from '../../../runtime/images/sync-container.ts';
import { concerns, isShown, mayHold, syncPath, type SyncPath, type WatchRule } from '../../../plan/watch-rules.ts';
import { errnoOf } from '../../../util/errno.ts';
import { statusOf } from './status-of.ts';

/**
 * What changed paths mean for the files of a container, as it is on the host now: what is there is copied, folders with all below that
 * the rules do not leave out; what is not there is removed. Where rules overlap, the last one counts.
 */
export function changedFiles(rules: readonly WatchRule[], paths: readonly string[]): SyncChanges {
  const entries = new Map<string, SyncChanges['entries'][number]>();
  const removals = new Set<string>();
  for (const rule of rules) {
    for (const path of paths.filter((one) => concerns(rule, one))) {
      for (const { host, target, status } of wanted(rule, path)) {
        if (status !== undefined) entries.set(target, { host, target, isFolder: status.isDirectory() });
        else if (target !== '/') removals.add(target);
      }
    }
  }
  for (const target of entries.keys()) removals.delete(target);
  // Folders before what is in them.
  return { entries: [...entries.values()].sort((a, b) => (a.target < b.target ? -1 : 1)), removals: [...removals] };
}

/** What belongs to the making of a container rather than into it; initially it is not copied. */
const RECIPES: ReadonlySet<string> = new Set(
  ['compose', 'docker-compose'].flatMap((name) => ['yaml', 'yml'].flatMap((end) => [`${name}.${end}`, `${name}.override.${end}`])),
);

/** What `initial_sync` copies: files, in the folders that they need. */
export function allFiles(rule: WatchRule): SyncChanges {
  const isRecipe = (host: string): boolean => RECIPES.has(basename(host)) || /^(?:.+\.)?Dockerfile$/.test(basename(host));
  const { entries } = changedFiles([rule], [rule.trigger.path]);
  return { entries: entries.filter(({ isFolder, host }) => !isFolder && !isRecipe(host)), removals: [] };
}

function* wanted(rule: WatchRule, host: string): Generator<SyncPath & { readonly status: Stats | undefined }> {
  const path = syncPath(rule, host);
  if (!mayHold(rule, host) || isShown(rule, path)) return;
  const status = statusOf(host, lstatSync);
  const isFolder = status?.isDirectory() === true;
  // The target itself stays as the container has it.
  if (concerns(rule, host) && !(isFolder && host === rule.trigger.path)) yield { ...path, status };
  if (isFolder) for (const name of namesIn(host)) yield* wanted(rule, join(host, name));
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return [];
    throw error;
  }
}
