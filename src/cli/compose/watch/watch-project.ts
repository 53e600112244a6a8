import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { MydockerError } from '../../../errors.ts';
import type { Service } from '../../../model/service.ts';
import type { Desired } from '../../../plan/desired.ts';
import { concerns, isBound, watchRule, workOf, type WatchPlace, type WatchRule } from '../../../plan/watch-rules.ts';
import { IgnorePatterns } from '../../../util/ignore-patterns.ts';
import { reportError } from '../../report-error.ts';
import { warn, type Session } from '../session/session.ts';
import { allFiles } from './changed-files.ts';
import { containersOf, doWork, say, type WatchOptions, type WatchScope } from './do-work.ts';
import { PathWatcher } from './path-watcher.ts';

/** The rules of the services' `develop.watch`. Throws when there are none, or one cannot work. */
export function watchRules({ project, workingDir }: Desired, services: readonly string[]): readonly WatchRule[] {
  const names = services.length === 0 ? Object.keys(project.services) : services;
  const rules = names.flatMap((name) => {
    const service = project.services[name];
    if (service?.develop?.watch === undefined) return [];
    const place = placeOf(name, service, workingDir);
    return service.develop.watch.map((trigger) => watchRule(place, trigger, service.build !== undefined));
  });
  if (rules.length > 0) return rules;
  throw new MydockerError('invalid', "none of the selected services is configured for watch, consider setting a 'develop' section");
}

function placeOf(name: string, { build, volumes = [] }: Service, workingDir: string): WatchPlace {
  const folder = resolve(workingDir, build?.context ?? '.');
  return {
    service: name,
    context: build === undefined ? undefined : { folder, ignore: readIgnore(folder, build.dockerfile) },
    binds: volumes.flatMap(({ type, source, target }) => (type === 'bind' && source !== undefined ? [{ source, target }] : [])),
  };
}

function readIgnore(folder: string, dockerfile = 'Dockerfile'): IgnorePatterns {
  const path = [`${resolve(folder, dockerfile)}.dockerignore`, join(folder, '.dockerignore')].find((one) => existsSync(one));
  if (path === undefined) return new IgnorePatterns([]);
  try {
    return IgnorePatterns.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) throw new MydockerError('invalid', error.message, { resource: path, cause: error });
    throw error;
  }
}

/** Carries changes into the containers until `signal` ends it. A failure is reported and the watch goes on. */
export async function watchProject(
  session: Session,
  desired: Desired,
  rules: readonly WatchRule[],
  options: WatchOptions & { readonly signal: AbortSignal },
): Promise<void> {
  const bound = rules.filter(isBound);
  for (const { trigger } of bound) warn(`path '${trigger.path}' also declared by a bind mount volume, this path won't be monitored!`);
  const scope = { session, desired, rules: rules.filter((rule) => !bound.includes(rule)), options };
  const changed = new ChangedPaths(scope);
  const watcher = new PathWatcher(
    scope.rules.map(({ trigger }) => trigger.path),
    {
      wanted: (path) => scope.rules.some((rule) => concerns(rule, path)),
      batch: (paths) => changed.add(paths),
      failed: (error) => reportError(watchFailure(error)),
    },
  );
  try {
    await initialSync(scope);
    say('Watch enabled');
    changed.begin();
    await aborted(options.signal);
  } finally {
    // Not from one of its own callbacks: closing there can end the process early.
    watcher.close();
    await changed.end();
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((end) => {
    if (signal.aborted) end();
    else signal.addEventListener('abort', () => end(), { once: true });
  });
}

function watchFailure(error: unknown): unknown {
  if (typeof error !== 'object' || error === null || !('code' in error) || (error.code !== 'ENOSPC' && error.code !== 'EMFILE'))
    return error;
  return new MydockerError('host', 'not everything can be watched: the kernel allows no more watches', {
    cause: error,
    hint: 'Raise fs.inotify.max_user_watches and fs.inotify.max_user_instances with sysctl, or name smaller folders in develop.watch.',
  });
}

/** What has changed while the batch before is still at work becomes one batch. */
class ChangedPaths {
  readonly #paths = new Set<string>();
  #atWork: Promise<void> | undefined;
  #open = false;

  constructor(private readonly scope: WatchScope) {}

  add(paths: readonly string[]): void {
    for (const path of paths) this.#paths.add(path);
    if (!this.#open || this.#atWork !== undefined) return;
    this.#atWork = this.#work().finally(() => {
      this.#atWork = undefined;
    });
  }

  begin(): void {
    this.#open = true;
    this.add([]);
  }

  /** Resolves when what was begun is done. */
  async end(): Promise<void> {
    this.#open = false;
    await this.#atWork;
  }

  async #work(): Promise<void> {
    while (this.#paths.size > 0 && this.#open) {
      const paths = [...this.#paths].sort();
      this.#paths.clear();
      await doWork(this.scope, workOf(this.scope.rules, paths), paths);
    }
  }
}

/** `initial_sync`: what is on the host before the first change. */
async function initialSync(scope: WatchScope): Promise<void> {
  const { files } = await scope.session.runtime();
  for (const rule of scope.rules.filter(({ trigger }) => trigger.initial_sync === true && trigger.action.startsWith('sync'))) {
    const changes = allFiles(rule);
    if (changes.entries.length === 0) continue;
    for (const { config } of await containersOf(scope, rule.service)) await files.sync(config.id, changes);
  }
}
