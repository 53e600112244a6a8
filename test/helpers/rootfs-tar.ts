import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expectSuccess, run } from './run.ts';

const repository = new URL('../../', import.meta.url).pathname;

/** A root file system tar with the host's static busybox and, where named, Debian packages; made once and kept. */
export async function rootfsTar(name: string, packages: readonly string[] = []): Promise<string> {
  const tar = join(repository, 'node_modules/.cache/mydocker', `${name}.tar`);
  if (!existsSync(tar)) {
    expectSuccess(await run(join(repository, 'scripts/debian-rootfs'), [tar, ...packages], { timeout: 300_000 }));
  }
  return tar;
}
