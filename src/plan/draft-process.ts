import { MydockerError } from '../errors.ts';
import type { ProcessSpec, Ulimit } from '../model/container.ts';
import type { ImageConfig } from '../model/runtime.ts';
import type { Service } from '../model/service.ts';

/** Command, environment and user, with the image's where the service says nothing. */
export function draftProcess(
  serviceName: string,
  service: Service,
  image: ImageConfig,
  proxies: Readonly<Record<string, string>> = {},
): ProcessSpec {
  const entrypoint = service.entrypoint ?? image.entrypoint;
  // An empty list is as good as none for the command, while an empty entrypoint takes the image's away.
  const own = service.command === undefined || service.command.length === 0 ? undefined : service.command;
  const command = own ?? (service.entrypoint === undefined ? image.cmd : []);
  const args = [...entrypoint, ...command];
  if (args.length === 0) {
    throw new MydockerError('invalid', 'no command specified: neither the service nor its image has one', {
      resource: `services.${serviceName}`,
      hint: 'set `command` or `entrypoint`',
    });
  }
  return {
    args,
    entrypoint,
    command,
    env: mergeEnvironment(image.env, { ...proxies, ...service.environment }),
    cwd: service.working_dir ?? (image.workingDir === '' ? '/' : image.workingDir),
    user: service.user ?? image.user,
    groupAdd: service.group_add ?? [],
    tty: service.tty ?? false,
    stdinOpen: service.stdin_open ?? false,
    stdinOnce: false,
    ulimits: draftUlimits(service.ulimits ?? {}),
    oomScoreAdj: service.oom_score_adj ?? 0,
  };
}

/** `KEY=value`, the image's first; a null value takes the image's away. */
export function mergeEnvironment(image: readonly string[], service: Readonly<Record<string, string | null>>): readonly string[] {
  const merged = new Map<string, string>();
  for (const entry of image) {
    const split = entry.indexOf('=');
    merged.set(split < 0 ? entry : entry.slice(0, split), split < 0 ? '' : entry.slice(split + 1));
  }
  for (const [key, value] of Object.entries(service)) {
    if (value === null) merged.delete(key);
    else merged.set(key, value);
  }
  return [...merged].map(([key, value]) => `${key}=${value}`);
}

function draftUlimits(ulimits: NonNullable<Service['ulimits']>): readonly Ulimit[] {
  return Object.entries(ulimits).map(([name, limit]) =>
    typeof limit === 'number' ? { name, soft: limit, hard: limit } : { name, soft: limit.soft, hard: limit.hard },
  );
}
