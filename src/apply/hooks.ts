import { MydockerError } from '../errors.ts';
import type { Hook } from '../model/plan.ts';
import type { ApplyContext } from './apply-context.ts';

/** Runs the commands one after the other in the container; the first that fails is the error. */
export async function runHooks(
  { runtime, hookSaid }: ApplyContext,
  id: string,
  kind: 'post_start' | 'pre_stop',
  hooks: readonly Hook[],
): Promise<void> {
  for (const hook of hooks) {
    const result = await runtime.containers.exec(id, {
      args: hook.command,
      env: hook.environment,
      privileged: hook.privileged,
      mode: 'capture',
      ...(hook.user === '' ? {} : { user: hook.user }),
      ...(hook.workingDir === '' ? {} : { cwd: hook.workingDir }),
    });
    if (kind === 'post_start') hookSaid?.(id, Buffer.concat([result.stdout, result.stderr]).toString());
    if (result.exitCode !== 0) {
      const output = new TextDecoder().decode(result.stderr.length > 0 ? result.stderr : result.stdout).trim();
      throw new MydockerError('runtime', `${kind} hook \`${hook.command.join(' ')}\` exited with status ${String(result.exitCode)}`, {
        ...(output === '' ? {} : { hint: `it said: ${output.split('\n').slice(-3).join(' | ')}` }),
      });
    }
  }
}
