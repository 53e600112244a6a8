import type { Command } from 'commander';
import { containerNumberOf, isAlive, serviceNameOf } from '../../plan/container-facts.ts';
import { listProcesses } from '../../runtime/usage/list-processes.ts';
import { formatTable } from '../../ui/table.ts';
import { writeOut } from '../../util/stdio.ts';
import { projectOrName } from './session/load-desired.ts';
import { selectContainers } from './session/select-containers.ts';
import type { Session } from './session/session.ts';

export function defineTop(command: Command, session: Session): void {
  command
    .argument('[services...]')
    .addHelpText('after', '\nExample:\n  mydocker-compose top web')
    .action(async (services: readonly string[]) => {
      const runtime = await session.runtime();
      const { containers } = await selectContainers(runtime, await projectOrName(session.globals), services, {
        oneOffs: true,
        undeclared: true,
      });
      const now = new Date();
      const rows = containers
        .filter(isAlive)
        .flatMap((container) =>
          listProcesses(container, now).map(({ uid, pid, ppid, c, stime, tty, time, cmd }) => [
            serviceNameOf(container),
            String(containerNumberOf(container)),
            uid,
            String(pid),
            String(ppid),
            String(c),
            stime,
            tty,
            time,
            cmd,
          ]),
        );
      if (rows.length > 0) writeOut(formatTable(['SERVICE', '#', 'UID', 'PID', 'PPID', 'C', 'STIME', 'TTY', 'TIME', 'CMD'], rows, 2, 4));
    });
}
