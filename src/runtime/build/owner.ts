import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MydockerError } from '../../errors.ts';
import type { WorkTree } from './work-tree.ts';

/** `--chown=USER[:GROUP]` as numbers; names are those of the stage's /etc/passwd and /etc/group (passwd(5), group(5)). */
export async function resolveOwner(text: string, tree: WorkTree, staging: string): Promise<{ readonly uid: number; readonly gid: number }> {
  const [user = '', group] = text.split(':');
  if (isNumber(user) && (group === undefined || isNumber(group))) return { uid: Number(user), gid: Number(group ?? user) };
  const folder = join(staging, 'owner');
  await mkdir(folder, { recursive: true });
  const account = isNumber(user) ? undefined : (await entries(tree, folder, 'passwd')).find(([name]) => name === user);
  if (!isNumber(user) && account === undefined) throw unknown(text, `there is no user ${user} in the image's /etc/passwd`);
  const uid = Number(account?.[2] ?? user);
  if (group === undefined) return { uid, gid: Number(account?.[3] ?? user) };
  if (isNumber(group)) return { uid, gid: Number(group) };
  const found = (await entries(tree, folder, 'group')).find(([name]) => name === group);
  if (found === undefined) throw unknown(text, `there is no group ${group} in the image's /etc/group`);
  return { uid, gid: Number(found[2]) };
}

async function entries(tree: WorkTree, folder: string, file: string): Promise<readonly (readonly string[])[]> {
  const copy = join(folder, file);
  const found = await tree.stat(`/etc/${file}`);
  if (found?.entry.type !== 'f') return [];
  await tree.copyOut(found.path, folder, file);
  return readFileSync(copy, 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
}

function isNumber(text: string): boolean {
  return /^\d+$/.test(text);
}

function unknown(text: string, message: string): MydockerError {
  return new MydockerError('invalid', message, { resource: `--chown=${text}` });
}
