import * as z from 'zod/mini';
import type { ProjectRecord } from '../../model/runtime.ts';

const shape = z.object({
  version: z.literal(1),
  name: z.string(),
  workingDir: z.string(),
  configFiles: z.array(z.string()),
  applied: z.string(),
  model: z.unknown(),
});

/** `projects/<name>/project.json`. */
export const projectRecord: z.ZodMiniType<ProjectRecord & { readonly version: 1 }> = shape;
