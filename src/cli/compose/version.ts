import type { Command } from 'commander';
import { MydockerError } from '../../errors.ts';
import { COMPOSE_VERSION } from '../../model/compose-labels.ts';
import { writeOut } from '../../util/stdio.ts';
import { VERSION } from '../version.ts';
import type { Session } from './session/session.ts';

export function defineVersion(command: Command, _session: Session): void {
  command
    .option('-f, --format <format>', 'Format the output: pretty, json', 'pretty')
    .option('--short', 'Shows only the version number')
    .addHelpText('after', '\nExample:\n  mydocker-compose version --format json')
    .action(({ format, short }: { readonly format: string; readonly short?: boolean }) => {
      if (format !== 'pretty' && format !== 'json')
        throw new MydockerError('usage', `format value "${format}" could not be parsed: use pretty or json`);
      if (short === true) writeOut(`${VERSION}\n`);
      else if (format === 'json') writeOut(`${JSON.stringify({ version: VERSION, compose: COMPOSE_VERSION })}\n`);
      else writeOut(`mydocker-compose version ${VERSION} (follows Docker Compose ${COMPOSE_VERSION})\n`);
    });
}
