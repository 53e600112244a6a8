import type { Command } from 'commander';
import { MydockerError } from '../../errors.ts';
import { LABELS } from '../../model/compose-labels.ts';
import type { RuntimeEvent } from '../../model/runtime.ts';
import { writeOut } from '../../util/stdio.ts';
import { timeOf } from '../../util/time-of.ts';
import { projectOrName } from './session/load-desired.ts';
import { projectContainers } from './session/observe.ts';
import { checkServices } from './session/select-containers.ts';
import type { Session } from './session/session.ts';

interface EventsOptions {
  readonly json?: boolean;
  readonly since?: string;
  readonly until?: string;
}

export function defineEvents(command: Command, session: Session): void {
  command
    .argument('[services...]')
    .option('--json', 'Output events as a stream of json objects')
    .option('--since <time>', 'Show all events created since timestamp')
    .option('--until <time>', 'Stream events until this timestamp')
    .addHelpText('after', '\nExample:\n  mydocker-compose events --json --since 10m')
    .action(async (services: readonly string[], options: EventsOptions) => {
      const target = await projectOrName(session.globals);
      const runtime = await session.runtime();
      if (services.length > 0) checkServices(target, await projectContainers(runtime, target.name), services);
      const since = moment('--since', options.since);
      const until = moment('--until', options.until);
      const abort = new AbortController();
      const stop = (): void => {
        session.exitStatus = 130;
        abort.abort();
      };
      process.once('SIGINT', stop).once('SIGTERM', stop);
      const stream = runtime.events.read({
        signal: abort.signal,
        ...(since === undefined ? {} : { since }),
        ...(until === undefined ? {} : { until }),
      });
      for await (const event of stream) {
        const { attributes } = event;
        const service = attributes[LABELS.service] ?? '';
        if (event.type !== 'container' || attributes[LABELS.project] !== target.name) continue;
        if (services.length > 0 && !services.includes(service)) continue;
        writeOut(options.json === true ? `${asJson(event, service)}\n` : `${asText(event)}\n`);
      }
    });
}

function moment(flag: string, text: string | undefined): bigint | undefined {
  if (text === undefined || text === '') return undefined;
  const time = timeOf(text, Date.now());
  if (time === undefined) throw new MydockerError('usage', `${flag}: ${text} is neither a time nor a duration`);
  return time;
}

function ownAttributes({ attributes }: RuntimeEvent): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(attributes).filter(([key]) => !key.startsWith('com.docker.compose.')));
}

function asJson(event: RuntimeEvent, service: string): string {
  const seconds = new Date(Number(event.time / 1_000_000n)).toISOString().slice(0, 19);
  const fraction = String(event.time % 1_000_000_000n).padStart(9, '0');
  return JSON.stringify({
    action: event.action,
    attributes: ownAttributes(event),
    id: event.id,
    service,
    time: `${seconds}.${fraction}Z`,
    type: event.type,
  });
}

function asText(event: RuntimeEvent): string {
  const time = new Date(Number(event.time / 1_000_000n)).toISOString().slice(0, 19).replace('T', ' ');
  const micro = String((event.time % 1_000_000_000n) / 1000n).padStart(6, '0');
  const attributes = Object.entries(ownAttributes(event)).map(([key, value]) => `${key}=${value}`);
  return `${time}.${micro} ${event.type} ${event.action} ${event.id} (${attributes.join(', ')})`;
}
