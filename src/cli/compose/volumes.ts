import type { Command } from 'commander';
import { LABELS } from '../../model/compose-labels.ts';
import { formatRows } from '../../ui/rows.ts';
import { VOLUME_COLUMNS, volumeRow } from '../../ui/volume-row.ts';
import { writeOut } from '../../util/stdio.ts';
import { projectOrName } from './session/load-desired.ts';
import { checkServices } from './session/select-containers.ts';
import { projectContainers } from './session/observe.ts';
import { serviceNameOf } from '../../plan/container-facts.ts';
import type { Session } from './session/session.ts';

interface VolumesOptions {
  readonly format: string;
  readonly quiet?: boolean;
}

export function defineVolumes(command: Command, session: Session): void {
  command
    .argument('[services...]')
    .option('--format <format>', 'table, json, or a Go template', 'table')
    .option('-q, --quiet', 'Only display volume names')
    .addHelpText('after', '\nExample:\n  mydocker-compose volumes -q')
    .action(async (services: readonly string[], options: VolumesOptions) => {
      const target = await projectOrName(session.globals);
      const runtime = await session.runtime();
      const containers = await projectContainers(runtime, target.name);
      checkServices(target, containers, services);
      const used = new Set(
        containers
          .filter((container) => services.includes(serviceNameOf(container)))
          .flatMap(({ config }) => config.mounts.flatMap((mount) => (mount.type === 'volume' ? [mount.volume] : []))),
      );
      const rows = (await runtime.volumes.list())
        .filter(({ labels, name }) => labels[LABELS.project] === target.name && (services.length === 0 || used.has(name)))
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .map(volumeRow);
      writeOut(
        options.quiet === true
          ? rows.map(({ Name }) => `${Name}\n`).join('')
          : formatRows(rows, {
              format: options.format,
              columns: VOLUME_COLUMNS,
            }),
      );
    });
}
