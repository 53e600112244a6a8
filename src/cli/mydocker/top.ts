import { execFileSync } from 'node:child_process';
import type { Command } from 'commander';
import { MydockerError } from '../../errors.ts';
import { listProcesses } from '../../runtime/usage/list-processes.ts';
import { formatTable } from '../../ui/table.ts';
import { writeOut } from '../../util/stdio.ts';
import type { Cli } from './cli.ts';

export function defineVerb(command: Command, cli: Cli): void {
  command
    .argument('<container>')
    .argument('[ps-options...]', "options of the host's ps; -ef by default")
    .passThroughOptions()
    .action(async (reference: string, options: readonly string[]) => {
      const { containers } = await cli.open();
      const container = await containers.get(reference);
      if (container.state.pid === 0) throw new MydockerError('state', `container ${container.config.name} is not running`);
      const processes = listProcesses(container, new Date());
      if (options.length > 0) {
        writeOut(hostPs(options, new Set(processes.map(({ pid }) => String(pid)))));
        return;
      }
      const rows = processes.map(({ uid, pid, ppid, c, stime, tty, time, cmd }) => [
        uid,
        String(pid),
        String(ppid),
        String(c),
        stime,
        tty,
        time,
        cmd,
      ]);
      writeOut(formatTable(['UID', 'PID', 'PPID', 'C', 'STIME', 'TTY', 'TIME', 'CMD'], rows));
    });
}

/** What the host's ps says of these processes. */
function hostPs(options: readonly string[], pids: ReadonlySet<string>): string {
  const output = runPs(options);
  const [header = '', ...lines] = output.split('\n');
  const column = header.trim().split(/\s+/).indexOf('PID');
  if (column < 0) throw new MydockerError('usage', 'the options of ps must leave the column PID');
  return [header, ...lines.filter((line) => pids.has(line.trim().split(/\s+/)[column] ?? ''))].join('\n').concat('\n');
}

function runPs(options: readonly string[]): string {
  try {
    return execFileSync('ps', [...options], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    throw new MydockerError('host', `ps ${options.join(' ')} failed`, { cause: error, hint: 'Leave the options out to do without ps.' });
  }
}
