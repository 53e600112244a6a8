import type { Command } from 'commander';
import { MydockerError } from '../../../errors.ts';
import { PROTECTED_LABEL } from '../../../model/volume-protection.ts';
import { writeOut } from '../../../util/stdio.ts';
import type { Cli } from '../cli.ts';
import { collect } from '../collect.ts';

interface CreateFlags {
  readonly driver: string;
  readonly label: readonly string[];
  readonly opt: readonly string[];
  readonly name?: string;
  readonly protected?: boolean;
}

export function defineVerb(command: Command, cli: Cli): void {
  command
    .argument('[VOLUME]')
    .option('-d, --driver <driver>', 'volume driver', 'local')
    .option('--label <label>', 'set metadata: key or key=value', collect, [])
    .option('-o, --opt <option>', 'set an option of the driver: key=value', collect, [])
    .option('--name <name>', 'the same as VOLUME')
    .option('--protected', 'refuse its removal until `volume unprotect`')
    .action(async (argument: string | undefined, { driver, label, opt, name: flag, protected: locked = false }: CreateFlags) => {
      if (argument !== undefined && flag !== undefined && argument !== flag) {
        throw new MydockerError('usage', `two names for one volume: ${argument} and ${flag}`);
      }
      const name = argument ?? flag;
      const runtime = await cli.open();
      const { name: made } = await runtime.volumes.create({
        ...(name === undefined ? {} : { name }),
        driver,
        driverOpts: pairs(opt),
        labels: { ...pairs(label), ...(locked ? { [PROTECTED_LABEL]: 'true' } : {}) },
      });
      writeOut(`${made}\n`);
    });
}

function pairs(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const [key = '', ...rest] = text.split('=');
      if (key === '') throw new MydockerError('usage', `${JSON.stringify(text)} has no key: write key=value`);
      return [key, rest.join('=')];
    }),
  );
}
