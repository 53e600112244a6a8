import { posix } from 'node:path';
import { MydockerError } from '../errors.ts';
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
  /** Bind mounts of the service: what they show is in the container already. */
  readonly binds: readonly BindMount[];
}

export interface BindMount {
  readonly source: string;
  readonly target: string;
}

/** What a rule needs to know of its service. */
export type WatchPlace = Pick<WatchRule, 'service' | 'context' | 'binds'>;

/** A changed path and where it belongs in the container. */
export interface SyncPath {
  readonly host: string;
  readonly target: string;
}

/** What a batch of changes asks for. Services are in the order of the rules, each once. */
export interface WatchWork {
  readonly rebuilds: readonly string[];
  readonly syncs: readonly { readonly service: string; readonly paths: readonly SyncPath[] }[];
  readonly restarts: readonly string[];
  /** `sync+exec` rules: their hooks run once a batch. */
  readonly hooks: readonly WatchRule[];
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

/** Throws `invalid` for a pattern that is none, or an action that cannot be done. */
export function watchRule(place: WatchPlace, trigger: WatchTrigger, hasBuild: boolean): WatchRule {
  const { service } = place;
  const resource = `services.${service}.develop.watch`;
  if (trigger.action === 'rebuild' && !hasBuild)
    throw new MydockerError('invalid', `can't watch service "${service}" with action rebuild without a build context`, { resource });
  if (trigger.action === 'sync+exec' && (trigger.exec?.command ?? []).length === 0)
    throw new MydockerError('invalid', `can't watch with action "sync+exec" on service ${service} without a command`, { resource });
  const include = trigger.include ?? [];
  return {
    ...place,
    trigger,
    ignore: patterns(trigger.ignore ?? [], `${resource}.ignore`),
    include: include.length === 0 ? undefined : patterns(include, `${resource}.include`),
  };
}

function patterns(lines: readonly string[], resource: string): IgnorePatterns {
  try {
    return new IgnorePatterns(lines);
  } catch (error) {
    if (error instanceof SyntaxError) throw new MydockerError('invalid', error.message, { resource, cause: error });
    throw error;
  }
}

/** Whether all of the rule's path is shown by a bind mount, so that there is nothing to carry over. */
export function isBound({ trigger, binds }: WatchRule): boolean {
  const carries = trigger.action === 'sync' || trigger.action === 'sync+restart';
  return carries && binds.some(({ source }) => below(source, trigger.path) !== undefined);
}

/** Whether the rule is about the path; `path` is absolute. */
export function concerns(rule: WatchRule, path: string): boolean {
  return mayHold(rule, path) && isIncluded(rule, path);
}

/** Whether the path is not left out, and so may be or hold something that the rule is about. */
export function mayHold({ trigger, ignore, context }: WatchRule, path: string): boolean {
  const inside = below(trigger.path, path);
  if (inside === undefined || inside === '') return inside === '';
  const inContext = context === undefined ? undefined : below(context.folder, path);
  if (inContext !== undefined && inContext !== '' && context?.ignore.ignores(inContext) === true) return false;
  return !EPHEMERAL.ignores(inside) && !ignore.ignores(inside);
}

function isIncluded({ trigger, include }: WatchRule, path: string): boolean {
  const inside = below(trigger.path, path);
  return include === undefined || inside === undefined || inside === '' || include.ignores(inside);
}

/** Whether a bind mount shows the path at the very place it would be copied to: copying would be a change again, for ever. */
export function isShown({ binds }: WatchRule, { host, target }: SyncPath): boolean {
  return binds.some((bind) => {
    const inside = below(bind.source, host);
    return inside !== undefined && posix.join(bind.target, inside) === target;
  });
}

/** Where a path of the rule goes in the container. */
export function syncPath({ trigger }: WatchRule, host: string): SyncPath {
  return { host, target: posix.join('/', trigger.target ?? '/', below(trigger.path, host) ?? '') };
}

/** The work of a batch of changed paths. */
export function workOf(rules: readonly WatchRule[], paths: readonly string[]): WatchWork {
  const hits = rules.map((rule) => ({ rule, paths: paths.filter((path) => concerns(rule, path)) })).filter((hit) => hit.paths.length > 0);
  const of = (...actions: readonly WatchTrigger['action'][]): typeof hits =>
    hits.filter(({ rule }) => actions.includes(rule.trigger.action));
  const syncs = of('sync', 'sync+restart', 'sync+exec');
  return {
    rebuilds: servicesOf(of('rebuild')),
    syncs: servicesOf(syncs).map((service) => ({
      service,
      paths: syncs.filter(({ rule }) => rule.service === service).flatMap((hit) => hit.paths.map((path) => syncPath(hit.rule, path))),
    })),
    restarts: servicesOf(of('restart', 'sync+restart')),
    hooks: of('sync+exec').map(({ rule }) => rule),
  };
}

function servicesOf(hits: readonly { readonly rule: WatchRule }[]): readonly string[] {
  return [...new Set(hits.map(({ rule }) => rule.service))];
}

/** `path` relative to `folder`; empty for the folder itself, undefined outside. */
export function below(folder: string, path: string): string | undefined {
  if (path === folder) return '';
  const prefix = folder.endsWith('/') ? folder : `${folder}/`;
  return path.startsWith(prefix) ? path.slice(prefix.length) : undefined;
}
