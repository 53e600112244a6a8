import * as z from 'zod/mini';
import type { ProjectRecord } from '../../model/runtime.ts';

const text = z.optional(z.string());
const shape = z.object({
  version: z.literal(1),
  name: z.string(),
  workingDir: z.string(),
  configFiles: z.array(z.string()),
  applied: z.string(),
  model: z.unknown(),
  directory: text,
  renamedFrom: text,
  renamedTo: text,
  ranBeforeRename: z.optional(z.array(z.string())),
});

/** `projects/<name>/project.json`. */
export const projectRecord = shape as unknown as z.ZodMiniType<ProjectRecord & { readonly version: 1 }>;
