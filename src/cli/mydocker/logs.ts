import type { Command } from 'commander';
import { MydockerError } from '../../errors.ts';
import type { ContainerConfig } from '../../model/container.ts';
import { writeErr, writeOut } from '../../util/stdio.ts';
import { timeOf } from '../../util/time-of.ts';
import type { Cli } from './cli.ts';

interface LogsFlags {
  readonly details?: boolean;
  readonly follow?: boolean;
  readonly since?: string;
  readonly until?: string;
  readonly tail: string;
  readonly timestamps?: boolean;
}

export function defineVerb(command: Command, cli: Cli): void {
  command
    .argument('<container>')
    .option('--details', "show the labels and variables that the log's options name")
    .option('-f, --follow', 'go on as the container writes')
    .option('--since <time>', 'from this time on: 2026-01-02T13:23:37Z, or 42m ago')
    .option('--until <time>', 'up to this time')
    .option('-n, --tail <lines>', 'so many lines from the end', 'all')
    .option('-t, --timestamps', 'show times')
    .action(async (reference: string, { details = false, follow = false, since, until, tail, timestamps = false }: LogsFlags) => {
      const runtime = await cli.open();
      const now = Date.now();
      const entries = runtime.containers.logs(reference, {
        follow,
        // As docker: what is no number means all.
        ...(/^-?\d+$/.test(tail) ? { tail: Math.max(0, Number(tail)) } : {}),
        ...(since === undefined ? {} : { since: moment('--since', since, now) }),
        ...(until === undefined ? {} : { until: moment('--until', until, now) }),
      });
      const extra = details ? `${detailsOf((await runtime.containers.get(reference)).config)} ` : '';
      let atLineStart = true;
      for await (const { stream, time, text } of entries) {
        const write = stream === 'stderr' ? writeErr : writeOut;
        write(atLineStart ? `${timestamps ? `${time} ` : ''}${extra}${text}` : text);
        atLineStart = text.endsWith('\n');
      }
    });
}

/** `KEY=VALUE,…` of what the log options `labels` and `env` name, as in docker's logs. */
function detailsOf({ log, labels, process: { env } }: ContainerConfig): string {
  const variables = new Map(env.map((pair) => [pair.split('=', 1)[0] ?? '', pair.slice(pair.indexOf('=') + 1)] as const));
  const wanted = (option: string): readonly string[] => (log.options?.[option] ?? '').split(',').filter(Boolean);
  return [
    ...wanted('labels').flatMap((key) => (key in labels ? [[key, labels[key] ?? ''] as const] : [])),
    ...wanted('env').flatMap((key) => (variables.has(key) ? [[key, variables.get(key) ?? ''] as const] : [])),
  ]
    .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`)
    .sort()
    .join(',');
}

function moment(flag: string, text: string, now: number): bigint {
  const time = timeOf(text, now);
  if (time === undefined)
    throw new MydockerError('usage', `invalid value ${JSON.stringify(text)} for ${flag}`, { hint: 'Write 10m or 2026-01-02T13:23:37Z.' });
  return time;
}
