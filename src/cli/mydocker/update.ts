import type { Command } from 'commander';
import { MydockerError } from '../../errors.ts';
import type { Cli } from './cli.ts';
import { eachReference } from './each-reference.ts';
import { restartFlag } from './run/draft.ts';
import { limitsOf, type LimitFlags } from './run/resources.ts';

export function defineVerb(command: Command, cli: Cli): void {
  command
    .argument('<container...>')
    .option('--blkio-weight <weight>', 'I/O weight, 10 to 1000')
    .option('--cpu-period <microseconds>', 'period of the CPU quota')
    .option('--cpu-quota <microseconds>', 'CPU time in each period')
    .option('--cpu-rt-period <microseconds>', 'period of real-time CPU time')
    .option('--cpu-rt-runtime <microseconds>', 'real-time CPU time')
    .option('-c, --cpu-shares <shares>', 'CPU share, 1024 by default')
    .option('--cpus <number>', 'number of CPUs')
    .option('--cpuset-cpus <list>', 'CPUs to run on')
    .option('--cpuset-mems <list>', 'memory nodes')
    .option('-m, --memory <bytes>', 'limit of memory')
    .option('--memory-reservation <bytes>', 'memory that should be left')
    .option('--memory-swap <bytes>', 'limit of memory and swap together')
    .option('--pids-limit <number>', 'limit of processes')
    .option('--restart <policy>', 'no, on-failure[:max], always, unless-stopped')
    .action(async (references: readonly string[], flags: LimitFlags & { readonly restart?: string }) => {
      const resources = limitsOf(flags);
      if (Object.keys(flags).length === 0) throw new MydockerError('usage', 'you must provide one or more flags when using this command');
      const runtime = await cli.open();
      await eachReference(references, async (reference) => {
        const { config } = await runtime.containers.get(reference);
        await runtime.containers.update(config.id, {
          ...(Object.keys(resources).length === 0 ? {} : { resources: { ...config.resources, ...resources } }),
          ...(flags.restart === undefined ? {} : { restart: restartFlag(flags.restart) }),
        });
        return reference;
      });
    });
}
