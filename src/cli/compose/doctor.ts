import type { Command } from 'commander';
import { MydockerError } from '../../errors.ts';
import type { Finding } from '../../runtime/doctor/finding.ts';
import { writeOut } from '../../util/stdio.ts';
import type { Session } from './session/session.ts';

const MARKS = { ok: 'ok      ', warning: 'warning ', problem: 'PROBLEM ' } as const;

export function defineDoctor(command: Command, session: Session): void {
  command
    .option('--format <format>', 'Format the output: pretty, json', 'pretty')
    .addHelpText('after', '\nExample:\n  mydocker-compose doctor')
    .action(async ({ format }: { readonly format: string }) => {
      if (format !== 'pretty' && format !== 'json') {
        throw new MydockerError('usage', `format value "${format}" could not be parsed: use pretty or json`);
      }
      const findings = await examine(session);
      writeOut(format === 'json' ? `${JSON.stringify(findings, undefined, 2)}\n` : findings.map(formatFinding).join(''));
      if (findings.some(({ level }) => level === 'problem')) session.exitStatus = 1;
    });
}

async function examine(session: Session): Promise<readonly Finding[]> {
  const [{ readHostFacts }, { checkHost }, { checkNetwork }] = await Promise.all([
    import('../../runtime/doctor/host-facts.ts'),
    import('../../runtime/doctor/check-host.ts'),
    import('../../runtime/doctor/check-network.ts'),
  ]);
  const { context, networks } = await session.runtime();
  return [...checkHost(readHostFacts(context.roots)), ...(await checkNetwork(context, networks))];
}

function formatFinding({ subject, level, text, advice }: Finding): string {
  const line = `${MARKS[level]} ${subject}: ${text}\n`;
  return advice === '' ? line : `${line}          ${advice}\n`;
}
