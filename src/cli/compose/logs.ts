import type { Command } from 'commander';
import { MydockerError } from '../../errors.ts';
import type { Container } from '../../model/runtime.ts';
import { containerNumberOf, isOneOff, serviceNameOf } from '../../plan/container-facts.ts';
import { writeOut } from '../../util/stdio.ts';
import { timeOf } from '../../util/time-of.ts';
import { printLogs } from './session/follow-logs.ts';
import { colorFor } from './session/globals.ts';
import { projectOrName } from './session/load-desired.ts';
import { activeServices, selectContainers } from './session/select-containers.ts';
import type { Session } from './session/session.ts';
import { wholeNumber } from './session/values.ts';

interface LogsOptions {
  readonly follow?: boolean;
  readonly index?: number;
  readonly color: boolean;
  readonly logPrefix: boolean;
  readonly since?: string;
  readonly until?: string;
  readonly tail: string;
  readonly timestamps?: boolean;
}

export function defineLogs(command: Command, session: Session): void {
  command
    .argument('[services...]')
    .option('-f, --follow', 'Follow log output')
    .option('--index <index>', 'Index of the container if service has multiple replicas', wholeNumber)
    .option('--no-color', 'Produce monochrome output')
    .option('--no-log-prefix', "Don't print prefix in logs")
    .option('--since <time>', 'Show logs since timestamp (e.g. 2013-01-02T13:23:37Z) or relative (e.g. 42m)')
    .option('--until <time>', 'Show logs before a timestamp or relative')
    .option('-n, --tail <lines>', 'Number of lines to show from the end of the logs for each container', 'all')
    .option('-t, --timestamps', 'Show timestamps')
    .addHelpText('after', '\nExample:\n  mydocker-compose logs -f --tail 20 web')
    .action(async (services: readonly string[], options: LogsOptions) => {
      const runtime = await session.runtime();
      const target = await projectOrName(session.globals);
      const { containers } = await selectContainers(runtime, target, services);
      const shown = withIndex(containers, services, options.index);
      const now = Date.now();
      const since = moment('--since', options.since, now);
      const until = moment('--until', options.until, now);
      const tail = tailCount(options.tail);
      const wanted = new Set(services.length > 0 ? services : activeServices(target, containers));
      await printLogs(shown, {
        runtime,
        projectName: target.name,
        style: {
          prefix: options.logPrefix,
          timestamps: options.timestamps === true,
          color: options.color && colorFor(session.globals, 1),
        },
        follow: options.follow === true,
        newcomers: (container) => options.index === undefined && !isOneOff(container) && wanted.has(serviceNameOf(container)),
        log: {
          ...(since === undefined ? {} : { since }),
          ...(until === undefined ? {} : { until }),
          ...(tail === undefined ? {} : { tail }),
        },
        write: writeOut,
      });
    });
}

function withIndex(containers: readonly Container[], services: readonly string[], index: number | undefined): readonly Container[] {
  if (index === undefined || index === 0) return containers;
  const [service, ...others] = services;
  if (service === undefined || others.length > 0) throw new MydockerError('usage', '--index requires one service to be selected');
  const found = containers.filter((container) => containerNumberOf(container) === index);
  if (found.length === 0) throw new MydockerError('not-found', `service "${service}" has no container with index ${String(index)}`);
  return found;
}

function moment(flag: string, text: string | undefined, now: number): bigint | undefined {
  if (text === undefined || text === '') return undefined;
  const time = timeOf(text, now);
  if (time === undefined) throw new MydockerError('usage', `${flag}: ${text} is neither a time nor a duration`);
  return time;
}

function tailCount(text: string): number | undefined {
  if (text === 'all' || text === '') return undefined;
  const count = Number(text);
  if (!Number.isInteger(count)) throw new MydockerError('usage', `--tail: ${text} is not a number`);
  return count < 0 ? undefined : count;
}
