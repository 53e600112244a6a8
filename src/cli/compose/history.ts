import type { Command } from 'commander';
import { changesBetween, describeChanges } from '../../plan/changes.ts';
import { formatRows } from '../../ui/rows.ts';
import { writeOut } from '../../util/stdio.ts';
import { projectOrName } from './session/load-desired.ts';
import { readRecorded, type Revision } from './session/record.ts';
import type { Session } from './session/session.ts';

export function defineHistory(command: Command, session: Session): void {
  command
    .option('--format <format>', 'table, json, or a Go template', 'table')
    .addHelpText('after', '\nExample:\n  mydocker-compose history')
    .action(async ({ format }: { readonly format: string }) => {
      const { name } = await projectOrName(session.globals);
      const { history } = await readRecorded(await session.runtime(), name);
      const rows = history.map((revision, index) => ({
        Revision: index + 1,
        Applied: revision.applied,
        Services: Object.keys(revision.project.services).length,
        Changes: changesSince(history[index - 1], revision),
      }));
      writeOut(
        formatRows(rows.reverse(), {
          format,
          columns: [
            { heading: 'REVISION', field: 'Revision' },
            { heading: 'APPLIED', field: 'Applied' },
            { heading: 'SERVICES', field: 'Services' },
            { heading: 'CHANGES', field: 'Changes' },
          ],
        }),
      );
    });
}

function changesSince(before: Revision | undefined, after: Revision): string {
  if (before === undefined) return 'first';
  const model = changesBetween('services', before.project.services, after.project.services);
  const images = changesBetween('images', before.images, after.images);
  const text = describeChanges([...model, ...images]);
  return text === '' ? 'networks, volumes or files' : text;
}
