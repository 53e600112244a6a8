import { Argument, type Command } from 'commander';
import { isAlive } from '../../plan/container-facts.ts';
import { planBoot, planShutdown } from '../../plan/plan-autostart.ts';
import { findRoots, type Roots } from '../../runtime/store/roots.ts';
import { writeOut } from '../../util/stdio.ts';
import { execute } from './session/execute.ts';
import { outOfTurn } from './session/in-turn.ts';
import type { Session } from './session/session.ts';

type Action = 'enable' | 'disable' | 'status' | 'start' | 'stop';

const ACTIONS: Readonly<Record<Action, (session: Session, roots: Roots) => Promise<void>>> = {
  enable: async (session) => {
    const { enableAutostart, systemdRuns } = await import('../../runtime/autostart/systemd.ts');
    if (session.globals.dryRun) return;
    const { dataRoot, runRoot } = rootsOtherThanDefault(session);
    const unit = await enableAutostart({ program: process.execPath, ...dataRoot, ...runRoot });
    const enabled = systemdRuns() ? 'enabled' : 'installed; systemd does not run here, enable it where it does';
    writeOut(`${unit} ${enabled}\n`);
  },
  disable: async (session) => {
    const { disableAutostart } = await import('../../runtime/autostart/systemd.ts');
    if (session.globals.dryRun) return;
    writeOut((await disableAutostart()) ? 'autostart disabled\n' : 'autostart was not enabled\n');
  },
  status: async () => {
    const { autostartStatus } = await import('../../runtime/autostart/systemd.ts');
    const { unit, enabled, active } = await autostartStatus();
    writeOut(unit === undefined ? 'not installed\n' : `${unit}: ${enabled}, ${active}\n`);
  },
  start: async (session, roots) => {
    const { readShutdownRecord, removeShutdownRecord } = await import('../../runtime/store/shutdown-record.ts');
    const runtime = await session.runtime();
    const plan = planBoot(await runtime.containers.list(), new Set(readShutdownRecord(roots)));
    await execute(session, await outOfTurn(session), plan);
    if (!session.globals.dryRun) await removeShutdownRecord(roots);
  },
  stop: async (session, roots) => {
    const { readShutdownRecord, writeShutdownRecord } = await import('../../runtime/store/shutdown-record.ts');
    const runtime = await session.runtime();
    const running = (await runtime.containers.list()).filter(isAlive);
    // Written first: a power cut in the middle of the stops must not leave them stopped for good. What a shutdown that was killed
    // had stopped before is not running any more, and comes back as well.
    const stopped = new Set([...readShutdownRecord(roots), ...running.map(({ config }) => config.id)]);
    if (!session.globals.dryRun) await writeShutdownRecord(roots, [...stopped]);
    await execute(session, await outOfTurn(session), planShutdown(running));
  },
};

export function defineAutostart(command: Command, session: Session): void {
  command
    .addArgument(new Argument('<action>', 'enable, disable, status; start and stop are what the unit calls').choices(Object.keys(ACTIONS)))
    .addHelpText('after', '\nExample:\n  mydocker-compose autostart enable')
    .action(async (action: Action) => {
      const { dataRoot, runRoot } = session.globals;
      await ACTIONS[action](session, findRoots({ dataRoot, runRoot }, process.env));
    });
}

function rootsOtherThanDefault({ globals }: Session): { readonly dataRoot: { dataRoot?: string }; readonly runRoot: { runRoot?: string } } {
  const { data, run } = findRoots({ dataRoot: globals.dataRoot, runRoot: globals.runRoot }, process.env);
  const defaults = findRoots({}, {});
  return { dataRoot: data === defaults.data ? {} : { dataRoot: data }, runRoot: run === defaults.run ? {} : { runRoot: run } };
}
