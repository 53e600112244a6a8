import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { readJsonIfExists, syncFolder, writeJson } from './json-file.ts';
import type { Roots } from './roots.ts';

const shutdownRecord = z.object({ version: z.literal(1), containers: z.array(z.string()) });

/** The containers that the machine's shutdown stopped: the next boot brings them back although "somebody" stopped them. */
export function readShutdownRecord(roots: Roots): readonly string[] {
  const path = pathOf(roots);
  const kind = { resource: 'autostart', repair: `Remove ${path}; containers that were stopped at shutdown then stay stopped.` };
  return readJsonIfExists(path, shutdownRecord, kind)?.containers ?? [];
}

export async function writeShutdownRecord(roots: Roots, containers: readonly string[]): Promise<void> {
  await writeJson(pathOf(roots), { version: 1, containers });
}

export async function removeShutdownRecord(roots: Roots): Promise<void> {
  await rm(pathOf(roots), { force: true });
  await syncFolder(roots.data);
}

function pathOf({ data }: Roots): string {
  return join(data, 'shutdown.json');
}
