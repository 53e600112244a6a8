import type { Command } from 'commander';
import { MydockerError } from '../../errors.ts';
import { LABELS } from '../../model/compose-labels.ts';
import { planDown } from '../../plan/plan-down.ts';
import { writeOut } from '../../util/stdio.ts';
import { execute } from './session/execute.ts';
import { inTurn } from './session/in-turn.ts';
import { projectOrName } from './session/load-desired.ts';
import { selectContainers } from './session/select-containers.ts';
import type { Session } from './session/session.ts';

export function defineWait(command: Command, session: Session): void {
  command
    .argument('<services...>')
    .option('--down-project', 'Drop the project when the first container stops')
    .addHelpText('after', '\nExample:\n  mydocker-compose wait job')
    .action(async (services: readonly string[], { downProject }: { readonly downProject?: boolean }) => {
      const target = await projectOrName(session.globals);
      const runtime = await session.runtime();
      const { containers } = await selectContainers(runtime, target, services);
      if (containers.length === 0) throw new MydockerError('not-found', `no containers for project "${target.name}"`);
      const waits = containers.map(async ({ config }) => {
        const code = await runtime.containers.wait(config.id);
        writeOut(`container "${config.name}" exited with status code ${String(code)}\n`);
        return code;
      });
      if (downProject !== true) {
        const codes = await Promise.all(waits);
        session.exitStatus = codes.find((code) => code !== 0) ?? 0;
        return;
      }
      session.exitStatus = await Promise.race(waits);
      await inTurn(session, target, async (turn) => {
        const selection = await selectContainers(runtime, target, [], { oneOffs: true });
        const networks = (await runtime.networks.list()).filter(({ labels }) => labels[LABELS.project] === target.name);
        await execute(
          session,
          turn,
          planDown({
            selection,
            removeAnonymousVolumes: false,
            networks: networks.map(({ name }) => name),
            volumes: [],
            images: [],
            warnings: [],
          }),
        );
      });
    });
}
