import type { Command } from 'commander';
import { MydockerError } from '../../errors.ts';
import type { RuntimeEvent } from '../../model/runtime.ts';
import { renderGoTemplate } from '../../ui/go-template.ts';
import { writeOut } from '../../util/stdio.ts';
import { timeOf } from '../../util/time-of.ts';
import type { Cli } from './cli.ts';
import { collect } from './collect.ts';

interface EventsFlags {
  readonly filter: readonly string[];
  readonly format?: string;
  readonly since?: string;
  readonly until?: string;
}

export function defineVerb(command: Command, cli: Cli): void {
  command
    .option('-f, --filter <filter>', 'type=, event=, container=, image=, volume=, network=, label=', collect, [])
    .option('--format <format>', 'json, or a Go template')
    .option('--since <time>', 'what happened since then, too')
    .option('--until <time>', 'end then')
    .action(async ({ filter, format, since, until }: EventsFlags) => {
      const matches = eventFilter(filter);
      const runtime = await cli.open();
      const abort = new AbortController();
      const stop = (): void => abort.abort();
      process.once('SIGINT', stop).once('SIGTERM', stop);
      const events = runtime.events.read({
        signal: abort.signal,
        ...(since === undefined ? {} : { since: moment('--since', since) }),
        ...(until === undefined ? {} : { until: moment('--until', until) }),
      });
      for await (const event of events) if (matches(event)) writeOut(`${formatted(event, format)}\n`);
    });
}

function moment(flag: string, text: string): bigint {
  const time = timeOf(text, Date.now());
  if (time === undefined) throw new MydockerError('usage', `invalid value ${JSON.stringify(text)} for ${flag}`);
  return time;
}

/** Values of one key are alternatives, different keys must all match. */
function eventFilter(filters: readonly string[]): (event: RuntimeEvent) => boolean {
  const wanted = new Map<string, string[]>();
  for (const text of filters) {
    const cut = text.indexOf('=');
    const key = text.slice(0, Math.max(cut, 0));
    if (!['type', 'event', 'container', 'image', 'volume', 'network', 'label'].includes(key)) {
      throw new MydockerError('usage', `invalid filter ${JSON.stringify(text)}`);
    }
    wanted.set(key, [...(wanted.get(key) ?? []), text.slice(cut + 1)]);
  }
  return (event) => [...wanted].every(([key, values]) => values.some((value) => isMatch(event, key, value)));
}

function isMatch({ type, action, id, attributes }: RuntimeEvent, key: string, value: string): boolean {
  switch (key) {
    case 'type':
      return type === value;
    case 'event':
      return action === value || action.startsWith(`${value}:`);
    case 'label': {
      const [name = '', ...rest] = value.split('=');
      return rest.length === 0 ? name in attributes : attributes[name] === rest.join('=');
    }
    case 'image':
      return (type === 'image' && (id === value || attributes['name'] === value)) || attributes['image'] === value;
    default:
      return type === key && (id.startsWith(value) || attributes['name'] === value);
  }
}

function formatted(event: RuntimeEvent, format: string | undefined): string {
  const { type, action, id, attributes, time } = event;
  if (format === undefined) return asText(event);
  const row = {
    Type: type,
    Action: action,
    Actor: { ID: id, Attributes: attributes },
    scope: 'local',
    time: Number(time / 1_000_000_000n),
    timeNano: Number(time),
  };
  if (format !== 'json') return renderGoTemplate(format, { ...row, ID: id, Status: action, Time: row.time, TimeNano: String(time) });
  // The nanoseconds go beyond what a number holds.
  return JSON.stringify(row).replace(/"timeNano":[^,}]+/, `"timeNano":${String(time)}`);
}

function asText({ type, action, id, attributes, time }: RuntimeEvent): string {
  const seconds = new Date(Number(time / 1_000_000n)).toISOString().slice(0, 19);
  const fraction = String(time % 1_000_000_000n).padStart(9, '0');
  const list = Object.entries(attributes)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`);
  return `${seconds}.${fraction}Z ${type} ${action} ${id} (${list.join(', ')})`;
}
