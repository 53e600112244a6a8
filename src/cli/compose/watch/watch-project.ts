import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { MydockerError } from '../../../errors.ts';
import type { Desired } from '../../../plan/desired.ts';
import { replicasOf } from '../../../plan/container-facts.ts';
import { concerns, syncPath, watchRule, workOf, type WatchRule } from '../../../plan/watch-rules.ts';
import { IgnorePatterns } from '../../../util/ignore-patterns.ts';
import { reportError } from '../../report-error.ts';
import { projectContainers } from '../session/observe.ts';
import type { Session } from '../session/session.ts';
import { doWork, say, sync } from './do-work.ts';
import { PathWatcher } from './path-watcher.ts';

/** The rules of the services' `develop.watch`. Throws when there are none. */
export function watchRules({ project, workingDir }: Desired, services: readonly string[]): readonly WatchRule[] {
  const names = services.length === 0 ? Object.keys(project.services) : services;
  const rules = names.flatMap((name) => {
    const service = project.services[name];
    const folder = service?.build === undefined ? undefined : resolve(workingDir, service.build.context ?? '.');
    const context = folder === undefined ? undefined : { folder, ignore: readIgnore(folder) };
    return (service?.develop?.watch ?? []).map((trigger) => watchRule(name, trigger, context));
  });
  if (rules.length > 0) return rules;
  throw new MydockerError('invalid', "none of the selected services is configured for watch, consider setting a 'develop' section");
}

function readIgnore(folder: string): IgnorePatterns {
  const path = join(folder, '.dockerignore');
  return existsSync(path) ? IgnorePatterns.parse(readFileSync(path, 'utf8')) : new IgnorePatterns([]);
}

/** Carries changes into the containers until `signal` ends it. A failure is reported and the watch goes on. */
export async function watchProject(session: Session, desired: Desired, rules: readonly WatchRule[], signal: AbortSignal): Promise<void> {
  let queue = initialSync(session, desired, rules);
  const watcher = new PathWatcher(
    rules.map(({ trigger }) => trigger.path),
    (paths) => {
      queue = queue.then(() => handle(session, desired, rules, paths));
    },
  );
  say('Watch enabled');
  await new Promise<void>((end) => {
    if (signal.aborted) end();
    else signal.addEventListener('abort', () => end(), { once: true });
  });
  // Not from one of its own callbacks: closing there can end the process early.
  watcher.close();
  await queue;
}

async function handle(session: Session, desired: Desired, rules: readonly WatchRule[], paths: readonly string[]): Promise<void> {
  for (const work of workOf(rules, paths)) {
    try {
      await doWork(session, desired, work);
    } catch (error) {
      reportError(error);
    }
  }
}

/** `initial_sync`: what is on the host before the first change. */
async function initialSync(session: Session, desired: Desired, rules: readonly WatchRule[]): Promise<void> {
  const runtime = await session.runtime();
  for (const rule of rules.filter(({ trigger }) => trigger.initial_sync === true && trigger.action.startsWith('sync'))) {
    const containers = replicasOf(await projectContainers(runtime, desired.project.name), rule.service);
    for (const file of filesOf(rule, rule.trigger.path)) {
      for (const container of containers) await sync(session, container, syncPath(rule, file));
    }
  }
}

function* filesOf(rule: WatchRule, path: string): Generator<string> {
  if (!concerns(rule, path)) return;
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) yield path;
  else for (const name of readdirSync(path).sort()) yield* filesOf(rule, join(path, name));
}
