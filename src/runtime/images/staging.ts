import { readFileSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomHex } from '../../util/random.ts';
import type { RuntimeContext } from '../context.ts';
import { removeFolder, removeLeftover } from './remove-folder.ts';

const PREFIX = 'image-';

/**
 * A folder of one command for what is not yet whole: blobs and layers are made here and moved into the store at the end.
 * It bears the name of its process; what a killed one left is removed by the next.
 */
export async function withStaging<T>(context: RuntimeContext, use: (folder: string) => Promise<T>): Promise<T> {
  const parent = join(context.roots.data, 'tmp');
  await sweep(context, parent);
  const folder = join(parent, `${PREFIX}${processIdentity(process.pid)}-${randomHex(4)}`);
  await mkdir(folder, { mode: 0o700 });
  try {
    return await use(folder);
  } finally {
    await removeFolder(context, folder);
  }
}

async function sweep(context: RuntimeContext, parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const match = new RegExp(`^${PREFIX}((\\d+)-\\d+-[0-9a-f]+)-`).exec(name);
    if (match === null || processIdentity(Number(match[2])) === match[1]) continue;
    await removeLeftover(context, join(parent, name));
  }
}

/** Process id, start time and boot: no later process has all three. */
function processIdentity(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    const start = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '0';
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8);
    return `${String(pid)}-${start}-${boot}`;
  } catch {
    return '';
  }
}

/** A small file in the staging folder, e.g. a manifest. */
export async function stageText(folder: string, text: string | Uint8Array): Promise<string> {
  const path = join(folder, randomHex(8));
  await writeFile(path, text, { mode: 0o600, flush: true });
  return path;
}
