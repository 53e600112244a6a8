import { MydockerError } from '../../errors.ts';
import type { ExecOptions, ExecResult } from '../../model/runtime.ts';
import { becomeRelay } from '../core/become-relay.ts';
import { numberOf, textOf } from '../core/reply.ts';
import { execFields } from './exec-fields.ts';
import { withForwardedSignals } from './foreground.ts';
import { observeState } from './read-state.ts';
import type { ContainerServices } from './services.ts';

/** Runs a further process in a running container. */
export async function execInContainer(services: ContainerServices, id: string, options: ExecOptions): Promise<ExecResult> {
  const { context, records } = services;
  const config = records.read(id);
  if (config === undefined) throw new MydockerError('not-found', `no such container: ${id}`);
  const paths = records.paths(id);
  const { state, record } = observeState(paths, id);
  if (record === undefined || state.pid === 0) {
    throw new MydockerError('state', `container ${config.name} is not running`, { hint: 'Start it first.' });
  }
  if (state.status === 'paused') throw new MydockerError('state', `container ${config.name} is paused`, { hint: 'Unpause it first.' });
  const process = { pid: record.pid, start: record.pidStart };
  const fields = await execFields(services, { config, runDir: paths.run, eventLog: context.events.path, process }, options);
  if (options.last !== undefined && options.mode === 'relay' && options.tty !== true && context.core.pid === undefined) {
    becomeRelay(context.core.path, fields, options.last);
  }
  const session = await context.core.open('exec', fields);
  if (options.mode === 'detach') return { exitCode: 0, stdout: new Uint8Array(), stderr: new Uint8Array() };
  const end = options.mode === 'relay' ? await withForwardedSignals(context.core, session.end) : await session.end;
  return {
    exitCode: numberOf(end, 'code'),
    stdout: Buffer.from(textOf(end, 'stdout'), 'base64'),
    stderr: Buffer.from(textOf(end, 'stderr'), 'base64'),
  };
}
