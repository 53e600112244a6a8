import * as z from 'zod/mini';

/** The records of the image store, in the shapes of the OCI image specification; keys it does not need are kept. Built at first use. */

const digest = z.string().check(z.regex(/^sha256:[0-9a-f]{64}$/, 'not a sha256 digest'));

const descriptorSchema = z.lazy(() =>
  z.looseObject({
    mediaType: z.string(),
    digest,
    size: z.number(),
    annotations: z.optional(z.record(z.string(), z.string())),
    platform: z.optional(z.looseObject({ architecture: z.string(), os: z.string(), variant: z.optional(z.string()) })),
  }),
);
export type Descriptor = z.infer<typeof descriptorSchema>;

export const indexSchema = z.lazy(() => z.looseObject({ schemaVersion: z.literal(2), manifests: z.array(descriptorSchema) }));
export type ImageIndex = z.infer<typeof indexSchema>;

export const manifestSchema = z.lazy(() =>
  z.looseObject({
    schemaVersion: z.literal(2),
    mediaType: z.optional(z.string()),
    config: descriptorSchema,
    layers: z.array(descriptorSchema),
  }),
);
export type Manifest = z.infer<typeof manifestSchema>;

const strings = z.optional(z.nullable(z.array(z.string())));
const flags = z.optional(z.nullable(z.record(z.string(), z.unknown())));

const healthcheckSchema = z.lazy(() =>
  z.looseObject({
    Test: strings,
    Interval: z.optional(z.number()),
    Timeout: z.optional(z.number()),
    StartPeriod: z.optional(z.number()),
    StartInterval: z.optional(z.number()),
    Retries: z.optional(z.number()),
  }),
);

const runConfigSchema = z.lazy(() =>
  z.looseObject({
    User: z.optional(z.string()),
    ExposedPorts: flags,
    Env: strings,
    Entrypoint: strings,
    Cmd: strings,
    Volumes: flags,
    WorkingDir: z.optional(z.string()),
    Labels: z.optional(z.nullable(z.record(z.string(), z.string()))),
    StopSignal: z.optional(z.string()),
    Shell: strings,
    OnBuild: strings,
    Healthcheck: z.optional(z.nullable(healthcheckSchema)),
  }),
);
/** The image format's `config` object. */
export type RunConfig = z.infer<typeof runConfigSchema>;

const historySchema = z.lazy(() =>
  z.looseObject({
    created: z.optional(z.string()),
    created_by: z.optional(z.string()),
    author: z.optional(z.string()),
    comment: z.optional(z.string()),
    empty_layer: z.optional(z.boolean()),
  }),
);
export type HistoryEntry = z.infer<typeof historySchema>;

export const imageConfigSchema = z.lazy(() =>
  z.looseObject({
    architecture: z.string(),
    os: z.string(),
    variant: z.optional(z.string()),
    created: z.optional(z.nullable(z.string())),
    author: z.optional(z.string()),
    config: z.optional(z.nullable(runConfigSchema)),
    rootfs: z.object({ type: z.literal('layers'), diff_ids: z.nullable(z.array(digest)) }),
    history: z.optional(z.nullable(z.array(historySchema))),
  }),
);
/** The image format's configuration file, whose digest is the image's id. */
export type ImageConfigFile = z.infer<typeof imageConfigSchema>;

/** Beside each unpacked layer: what Docker calls its size, and the blob it came from. */
export const layerRecordSchema = z.lazy(() =>
  z.object({
    version: z.literal(1),
    diffId: digest,
    size: z.number(),
    entries: z.number(),
    blob: descriptorSchema,
  }),
);
export type LayerRecord = z.infer<typeof layerRecordSchema>;

/** `manifest.json` of `docker save`. */
export const dockerArchiveSchema = z.lazy(() =>
  z.array(
    z.looseObject({ Config: z.string(), RepoTags: z.optional(z.nullable(z.array(z.string()))), Layers: z.nullable(z.array(z.string())) }),
  ),
);

/** Checks what a foreign file says; the problem names the first wrong key. */
export function checkShape<T>(schema: z.ZodMiniType<T>, value: unknown): { readonly data: T } | { readonly problem: string } {
  const result = schema.safeParse(value);
  if (result.success) return { data: result.data };
  const issue = result.error.issues[0];
  return { problem: `${(issue?.path ?? []).map(String).join('.') || 'the whole'}: ${issue?.message ?? 'unknown shape'}` };
}
