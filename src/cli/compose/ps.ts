import type { Command } from 'commander';
import { MydockerError } from '../../errors.ts';
import type { Container } from '../../model/runtime.ts';
import { isAlive, isOneOff, serviceNameOf } from '../../plan/container-facts.ts';
import { containerRow } from '../../ui/container-row.ts';
import { formatRows, type Column } from '../../ui/rows.ts';
import { writeOut } from '../../util/stdio.ts';
import { collect } from './session/globals.ts';
import { projectOrName } from './session/load-desired.ts';
import { projectContainers } from './session/observe.ts';
import { checkServices } from './session/select-containers.ts';
import type { Session } from './session/session.ts';

interface PsOptions {
  readonly all?: boolean;
  readonly filter?: string;
  readonly format: string;
  readonly trunc: boolean;
  readonly orphans: boolean;
  readonly quiet?: boolean;
  readonly services?: boolean;
  readonly status?: readonly string[];
}

const STATUSES = ['paused', 'restarting', 'removing', 'running', 'dead', 'created', 'exited'];

const COLUMNS: readonly Column[] = [
  { heading: 'NAME', field: 'Name' },
  { heading: 'IMAGE', field: 'Image' },
  { heading: 'COMMAND', field: 'Command' },
  { heading: 'SERVICE', field: 'Service' },
  { heading: 'CREATED', field: 'RunningFor' },
  { heading: 'STATUS', field: 'Status' },
  { heading: 'PORTS', field: 'Ports' },
];

export function definePs(command: Command, session: Session): void {
  command
    .argument('[services...]')
    .option('-a, --all', 'Show all stopped containers (including those created by the run command)')
    .option('--filter <filter>', 'Filter services by a property (supported filters: status)')
    .option('--format <format>', 'table, json, or a Go template', 'table')
    .option('--no-trunc', "Don't truncate output")
    .option('--orphans', 'Include orphaned services (not declared by project)', true)
    .option('--no-orphans')
    .option('-q, --quiet', 'Only display IDs')
    .option('--services', 'Display services')
    .option('--status <status>', `Filter services by status: ${STATUSES.join(', ')}`, collect)
    .addHelpText('after', '\nExample:\n  mydocker-compose ps --format json')
    .action(async (services: readonly string[], options: PsOptions) => {
      const target = await projectOrName(session.globals);
      const containers = await projectContainers(await session.runtime(), target.name);
      checkServices(target, containers, services);
      const declared = target.desired?.project.services;
      const wanted = wantedStatuses(options);
      const shown = containers
        .filter((container) => services.length === 0 || services.includes(serviceNameOf(container)))
        .filter((container) => declared === undefined || options.orphans || services.length > 0 || serviceNameOf(container) in declared)
        .filter((container) => isShown(container, options, wanted))
        .sort((a, b) => (a.config.name < b.config.name ? -1 : 1));
      writeOut(rendered(shown, options));
    });
}

function wantedStatuses({ status, filter }: PsOptions): readonly string[] {
  const [property = '', value = ''] = (filter ?? '').split('=');
  if (filter !== undefined && property !== 'status')
    throw new MydockerError('usage', `unknown filter ${property}`, { hint: 'only status=… is known' });
  const wanted = [...(status ?? []), ...(value === '' ? [] : [value])];
  const unknown = wanted.find((name) => !STATUSES.includes(name));
  if (unknown !== undefined) throw new MydockerError('usage', `unknown status ${unknown}`, { hint: `one of ${STATUSES.join(', ')}` });
  return wanted;
}

function isShown(container: Container, { all }: PsOptions, statuses: readonly string[]): boolean {
  if (statuses.length > 0) return statuses.includes(container.state.status);
  return all === true || (isAlive(container) && !isOneOff(container));
}

function rendered(containers: readonly Container[], options: PsOptions): string {
  if (options.quiet === true) return containers.map(({ config }) => `${config.id}\n`).join('');
  if (options.services === true) return [...new Set(containers.map(serviceNameOf))].map((name) => `${name}\n`).join('');
  const now = new Date();
  return formatRows(
    containers.map((container) => containerRow(container, now, !options.trunc)),
    { format: options.format, columns: COLUMNS },
  );
}
