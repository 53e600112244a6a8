import type { Command } from 'commander';
import { MydockerError } from '../../errors.ts';
import { LABELS } from '../../model/compose-labels.ts';
import type { Container } from '../../model/runtime.ts';
import { isAlive } from '../../plan/container-facts.ts';
import { formatRows } from '../../ui/rows.ts';
import { writeOut } from '../../util/stdio.ts';
import { namePattern } from '../name-pattern.ts';
import { collect } from './session/globals.ts';
import type { Session } from './session/session.ts';

interface LsOptions {
  readonly all?: boolean;
  readonly filter?: readonly string[];
  readonly format: string;
  readonly quiet?: boolean;
}

export function defineLs(command: Command, session: Session): void {
  command
    .option('-a, --all', 'Show all stopped Compose projects')
    .option('--filter <filter>', 'Filter output based on conditions provided: name=REGEX', collect)
    .option('--format <format>', 'Format the output: table, json', 'table')
    .option('-q, --quiet', 'Only display project names')
    .addHelpText('after', '\nExample:\n  mydocker-compose ls --all --format json')
    .action(async (options: LsOptions) => {
      if (options.format !== 'json' && !/^$|^pretty$|^table\b|\{\{/.test(options.format)) {
        throw new MydockerError('usage', `unknown format ${JSON.stringify(options.format)}`, { hint: 'use table or json' });
      }
      const patterns = (options.filter ?? []).map(patternOf);
      const runtime = await session.runtime();
      const projects = Map.groupBy(
        await runtime.containers.list({ labels: [LABELS.project] }),
        ({ config }) => config.labels[LABELS.project] ?? '',
      );
      const rows = [...projects]
        .filter(([, containers]) => options.all === true || containers.some(isAlive))
        .filter(([name]) => matches(name, patterns))
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([Name, containers]) => ({
          Name,
          Status: combinedStatus(options.all === true ? containers : containers.filter(isAlive)),
          ConfigFiles: configFiles(containers),
        }));
      writeOut(
        options.quiet === true
          ? rows.map(({ Name }) => `${Name}\n`).join('')
          : formatRows(rows, {
              format: options.format,
              columns: [
                { heading: 'NAME', field: 'Name' },
                { heading: 'STATUS', field: 'Status' },
                { heading: 'CONFIG FILES', field: 'ConfigFiles' },
              ],
              jsonArray: true,
              minWidth: 20,
            }),
      );
    });
}

function patternOf(filter: string): RegExp {
  const [key, ...rest] = filter.split('=');
  if (key !== 'name') throw new MydockerError('usage', `unknown filter ${String(key)}`, { hint: 'only name=… is known' });
  return namePattern(rest.join('='));
}

function matches(name: string, patterns: readonly RegExp[]): boolean {
  return patterns.every((pattern) => pattern.test(name));
}

/** `exited(1), running(2)`. */
function combinedStatus(containers: readonly Container[]): string {
  return [...Map.groupBy(containers, ({ state }) => state.status)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([status, members]) => `${status}(${String(members.length)})`)
    .join(', ');
}

function configFiles(containers: readonly Container[]): string {
  const files = containers.flatMap(({ config }) => (config.labels[LABELS.configFiles] ?? '').split(','));
  return [...new Set(files.filter((file) => file !== ''))].join(',') || 'N/A';
}
