import type { Command } from 'commander';
import { MydockerError } from '../../errors.ts';
import { writeErr, writeOut } from '../../util/stdio.ts';
import { timeOf } from '../../util/time-of.ts';
import type { Cli } from './cli.ts';
import { integerOf } from './run/values.ts';

interface LogsFlags {
  readonly follow?: boolean;
  readonly since?: string;
  readonly until?: string;
  readonly tail: string;
  readonly timestamps?: boolean;
}

export function defineVerb(command: Command, cli: Cli): void {
  command
    .argument('<container>')
    .option('-f, --follow', 'go on as the container writes')
    .option('--since <time>', 'from this time on: 2026-01-02T13:23:37Z, or 42m ago')
    .option('--until <time>', 'up to this time')
    .option('-n, --tail <lines>', 'so many lines from the end', 'all')
    .option('-t, --timestamps', 'show times')
    .action(async (reference: string, { follow = false, since, until, tail, timestamps = false }: LogsFlags) => {
      const runtime = await cli.open();
      const now = Date.now();
      const entries = runtime.containers.logs(reference, {
        follow,
        ...(tail === 'all' ? {} : { tail: Math.max(0, integerOf('--tail', tail)) }),
        ...(since === undefined ? {} : { since: moment('--since', since, now) }),
        ...(until === undefined ? {} : { until: moment('--until', until, now) }),
      });
      let atLineStart = true;
      for await (const { stream, time, text } of entries) {
        const write = stream === 'stderr' ? writeErr : writeOut;
        write(timestamps && atLineStart ? `${time} ${text}` : text);
        atLineStart = text.endsWith('\n');
      }
    });
}

function moment(flag: string, text: string, now: number): bigint {
  const time = timeOf(text, now);
  if (time === undefined)
    throw new MydockerError('usage', `invalid value ${JSON.stringify(text)} for ${flag}`, { hint: 'Write 10m or 2026-01-02T13:23:37Z.' });
  return time;
}
