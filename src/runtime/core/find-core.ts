import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { MydockerError } from '../../errors.ts';

/** The core's path: beside this executable, else $MYDOCKER_CORE, else `dist/` of the working directory's checkout. */
export function findCore(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const beside = join(dirname(process.execPath), 'mydocker-core');
  const candidates = [beside, env['MYDOCKER_CORE'] ?? '', join(import.meta.dirname, '../../../dist/mydocker-core')];
  const found = candidates.find((path) => path !== '' && existsSync(path));
  if (found !== undefined) return found;
  throw new MydockerError('host', `mydocker-core is not beside ${process.execPath}`, {
    hint: 'Install it there (npm run build makes it in dist/), or set MYDOCKER_CORE to its path.',
  });
}
