import { basename } from 'node:path';
import { endWhenInterrupted } from '../util/interrupted.ts';
import { reportError } from './report-error.ts';

/** `mydocker` and `mydocker-compose` are one executable; the name it was called by says which front to show. */
async function main(): Promise<number> {
  const argv = process.argv.slice(2);
  if (basename(process.argv0) === 'mydocker') {
    const { runMydocker } = await import('./mydocker/program.ts');
    return runMydocker(argv);
  }
  endWhenInterrupted();
  if (argv.includes('exec')) {
    const { tryExecAtOnce } = await import('./compose/exec-at-once.ts');
    await tryExecAtOnce(argv);
  }
  const { runCompose } = await import('./compose/program.ts');
  return runCompose(argv);
}

try {
  process.exitCode = await main();
} catch (error) {
  process.exitCode = reportError(error);
}
