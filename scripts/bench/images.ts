import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Contender } from './contender.ts';

const repository = new URL('../../', import.meta.url).pathname;
const images: Readonly<Record<string, readonly string[]>> = { busybox: [], python: ['python3'], nginx: ['nginx'] };

/** The same root file systems on both sides, imported from one tar. */
export async function prepareImages(contenders: readonly Contender[]): Promise<void> {
  for (const [name, packages] of Object.entries(images)) {
    const tar = join(repository, 'node_modules/.cache/mydocker', `${name}.tar`);
    if (!existsSync(tar)) execFileSync(join(repository, 'scripts/debian-rootfs'), [tar, ...packages], { stdio: 'inherit' });
    for (const contender of contenders) {
      const [program, ...args] = [...contender.containers, 'import', '-', name === 'busybox' ? 'busybox:latest' : `${name}:debian`];
      execFileSync(program, args, {
        input: readFileSync(tar),
        env: { ...process.env, ...contender.env },
        stdio: ['pipe', 'ignore', 'inherit'],
      });
    }
  }
  return Promise.resolve();
}
