import type { Command } from 'commander';
import { MydockerError } from '../../errors.ts';
import type { Container } from '../../model/runtime.ts';
import { containerNumberOf, isOneOff } from '../../plan/container-facts.ts';
import { projectOrName } from './session/load-desired.ts';
import { selectContainers } from './session/select-containers.ts';
import type { ComposeRuntime, Session } from './session/session.ts';
import { wholeNumber } from './session/values.ts';

interface CpOptions {
  readonly all?: boolean;
  readonly archive?: boolean;
  readonly followLink?: boolean;
  readonly index?: number;
}

export function defineCp(command: Command, session: Session): void {
  command
    .usage('[OPTIONS] SERVICE:SRC_PATH DEST_PATH|-\n       mydocker-compose cp [OPTIONS] SRC_PATH|- SERVICE:DEST_PATH')
    .argument('<source>')
    .argument('<destination>')
    .option('--all', 'Include containers created by the run command')
    .option('-a, --archive', 'Archive mode (copy all uid/gid information)')
    .option('-L, --follow-link', 'Always follow symbol link in SRC_PATH')
    .option('--index <index>', 'Index of the container if service has multiple replicas', wholeNumber)
    .addHelpText('after', '\nExample:\n  mydocker-compose cp web:/etc/hosts .')
    .action(async (source: string, destination: string, options: CpOptions) => {
      const from = inService(source);
      const to = inService(destination);
      if (from !== undefined && to !== undefined) throw new MydockerError('usage', 'copying between services is not supported');
      const place = from ?? to;
      if (place === undefined) throw new MydockerError('usage', 'unknown copy direction', { hint: 'write one of the two as SERVICE:PATH' });
      const runtime = await session.runtime();
      const containers = await chosen(session, runtime, place.service, options, from !== undefined);
      if (session.globals.dryRun) return;
      const copy = { followLink: options.followLink === true, archive: options.archive === true };
      for (const { config } of containers) {
        if (from !== undefined) {
          if (destination === '-') await runtime.files.copyToStream(config.id, from.path, process.stdout, copy);
          else await runtime.files.copyFrom(config.id, from.path, destination, copy);
        } else if (source === '-') await runtime.files.copyFromStream(config.id, process.stdin, place.path);
        else await runtime.files.copyTo(config.id, source, place.path, copy);
      }
    });
}

/** `web:/etc/hosts`; a path that begins with a dot or a slash is the host's. */
function inService(text: string): { readonly service: string; readonly path: string } | undefined {
  const match = /^([^./][^:/]*):(.*)$/s.exec(text);
  if (match?.[1] === undefined) return undefined;
  if (match[2] === undefined || match[2] === '') throw new MydockerError('usage', `${text}: no path in the container`);
  return { service: match[1], path: match[2] };
}

/** From one container, into all of the service's. */
async function chosen(
  session: Session,
  runtime: ComposeRuntime,
  service: string,
  options: CpOptions,
  one: boolean,
): Promise<readonly Container[]> {
  const target = await projectOrName(session.globals);
  const { containers } = await selectContainers(runtime, target, [service], { oneOffs: options.all === true });
  const wanted =
    options.index === undefined
      ? containers
      : containers.filter((container) => !isOneOff(container) && containerNumberOf(container) === options.index);
  const [first] = wanted;
  if (first === undefined && options.index !== undefined && containers.length > 0) {
    throw new MydockerError('not-found', `service "${service}" has no container with index ${String(options.index)}`);
  }
  if (first === undefined) throw new MydockerError('not-found', `no container found for service "${service}"`);
  return one ? [first] : wanted;
}
