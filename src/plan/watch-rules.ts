import { posix } from 'node:path';
import type { WatchTrigger } from '../model/service.ts';
import { IgnorePatterns } from '../util/ignore-patterns.ts';

/** A `develop.watch` entry, ready to be asked. Paths are absolute. */
export interface WatchRule {
  readonly service: string;
  readonly trigger: WatchTrigger;
  readonly ignore: IgnorePatterns;
  readonly include: IgnorePatterns | undefined;
  /** The build context's `.dockerignore`, which counts for paths below its folder. */
  readonly context: { readonly folder: string; readonly ignore: IgnorePatterns } | undefined;
}

/** A changed path and where it belongs in the container. */
export interface SyncPath {
  readonly host: string;
  readonly target: string;
}

/** What a batch of changes means for one service; the strongest action wins: a rebuild makes the rest needless. */
export interface WatchWork {
  readonly service: string;
  readonly rebuild: boolean;
  readonly restart: boolean;
  readonly syncs: readonly SyncPath[];
  readonly hooks: readonly WatchTrigger[];
}

/** What editors leave for a moment, and what is never part of a program. */
const EPHEMERAL = new IgnorePatterns([
  '**/.git',
  '**/*~',
  '**/.*.sw?',
  '**/.*.swx',
  '**/4913',
  '**/.#*',
  '**/#*#',
  '**/*___jb_tmp___',
  '**/*___jb_old___',
  '**/.idea',
  '**/.DS_Store',
]);

export function watchRule(service: string, trigger: WatchTrigger, context?: WatchRule['context']): WatchRule {
  const include = trigger.include ?? [];
  return {
    service,
    trigger,
    context,
    ignore: new IgnorePatterns(trigger.ignore ?? []),
    include: include.length === 0 ? undefined : new IgnorePatterns(include),
  };
}

/** Whether the rule is about the path; `path` is absolute. */
export function concerns({ trigger, ignore, include, context }: WatchRule, path: string): boolean {
  const inside = below(trigger.path, path);
  if (inside === undefined) return false;
  if (inside === '') return true;
  const inContext = context === undefined ? undefined : below(context.folder, path);
  if (inContext !== undefined && inContext !== '' && context?.ignore.ignores(inContext) === true) return false;
  return !EPHEMERAL.ignores(inside) && !ignore.ignores(inside) && (include === undefined || include.ignores(inside));
}

/** Where a path of the rule goes in the container. */
export function syncPath({ trigger }: WatchRule, host: string): SyncPath {
  return { host, target: posix.join(trigger.target ?? '/', below(trigger.path, host) ?? '') };
}

/** The work of a batch of changed paths, by service in the order of the rules. */
export function workOf(rules: readonly WatchRule[], paths: readonly string[]): readonly WatchWork[] {
  const services = [...new Set(rules.map(({ service }) => service))];
  return services.flatMap((service) => {
    const hits = rules
      .filter((rule) => rule.service === service)
      .map((rule) => ({ rule, paths: paths.filter((path) => concerns(rule, path)) }))
      .filter((hit) => hit.paths.length > 0);
    if (hits.length === 0) return [];
    const actions = hits.map(({ rule }) => rule.trigger.action);
    const synced = hits.filter(({ rule }) => rule.trigger.action.startsWith('sync'));
    return [
      {
        service,
        rebuild: actions.includes('rebuild'),
        restart: actions.includes('restart') || actions.includes('sync+restart'),
        syncs: synced.flatMap((hit) => hit.paths.map((path) => syncPath(hit.rule, path))),
        hooks: hits.filter(({ rule }) => rule.trigger.action === 'sync+exec').map(({ rule }) => rule.trigger),
      },
    ];
  });
}

/** `path` relative to `folder`; empty for the folder itself, undefined outside. */
function below(folder: string, path: string): string | undefined {
  if (path === folder) return '';
  const prefix = folder.endsWith('/') ? folder : `${folder}/`;
  return path.startsWith(prefix) ? path.slice(prefix.length) : undefined;
}
