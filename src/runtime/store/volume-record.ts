import * as z from 'zod/mini';

const texts = z.record(z.string(), z.string());
const shape = z.lazy(() =>
  z.object({
    version: z.literal(1),
    name: z.string(),
    driver: z.string(),
    driverOpts: texts,
    labels: texts,
    created: z.string(),
    anonymous: z.boolean(),
  }),
);

/** `volumes/<name>/meta.json`. */
export type VolumeMeta = z.infer<typeof shape>;
export const volumeMeta: z.ZodMiniType<VolumeMeta> = shape;
