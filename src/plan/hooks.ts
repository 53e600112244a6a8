import type { Hook } from '../model/plan.ts';
import type { ServiceHook } from '../model/service.ts';

export function planHooks(hooks: readonly ServiceHook[] | undefined): readonly Hook[] {
  return (hooks ?? []).map(({ command, user, privileged, working_dir, environment }) => ({
    command,
    user: user ?? '',
    privileged: privileged ?? false,
    workingDir: working_dir ?? '',
    environment: Object.entries(environment ?? {}).flatMap(([key, value]) => (value === null ? [] : [`${key}=${value}`])),
  }));
}
