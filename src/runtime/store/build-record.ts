import { join } from 'node:path';
import * as z from 'zod/mini';
import { readJsonIfExists, writeJson } from './json-file.ts';
import type { Roots } from './roots.ts';

const shape = z.object({
  version: z.literal(1),
  created: z.string(),
  /** Diff id of the layer that the step made; absent when it made none. */
  layer: z.optional(z.string()),
});
/** What a build step made the last time, by the hash of all that it depends on. */
export type BuildRecord = z.infer<typeof shape>;

export function readBuildRecord(roots: Roots, key: string): BuildRecord | undefined {
  const path = pathOf(roots, key);
  return readJsonIfExists(path, shape, { resource: 'build cache', repair: `Remove ${path}; the step then runs again.`, mayBeTorn: true });
}

export async function writeBuildRecord(roots: Roots, key: string, record: BuildRecord): Promise<void> {
  await writeJson(pathOf(roots, key), record, { durable: false });
}

function pathOf({ data }: Roots, key: string): string {
  return join(data, 'build-cache', `${key}.json`);
}
