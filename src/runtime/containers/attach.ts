import { MydockerError } from '../../errors.ts';
import type { StartOptions } from '../../model/runtime.ts';
import type { Session } from '../core/core.ts';
import { observeState } from './read-state.ts';
import type { ContainerServices } from './services.ts';
import { detachKeyBytes } from './detach-keys.ts';

export async function attachContainer(
  { records, context }: ContainerServices,
  id: string,
  { stdin, stdout, stderr, detachKeys = 'ctrl-p,ctrl-q', sigProxy = true }: NonNullable<StartOptions['attach']>,
): Promise<Session> {
  const paths = records.paths(id);
  const { state } = observeState(paths, id);
  const name = records.read(id)?.name ?? id;
  if (state.supervisorPid === 0) throw new MydockerError('state', `container ${name} is not running`, { hint: 'Start it first.' });
  if (state.status === 'paused') throw new MydockerError('state', `container ${name} is paused`, { hint: 'Unpause it first.' });
  const flag = (value: boolean): string => (value ? '1' : '0');
  return context.core.open('attach', [
    ['socket', paths.control],
    ['stdin', flag(stdin)],
    ['stdout', flag(stdout)],
    ['stderr', flag(stderr)],
    ['detach_keys', detachKeyBytes(detachKeys)],
    ['sig_proxy', flag(sigProxy)],
  ]);
}
