import * as z from 'zod/mini';
import type { NetworkRecord } from '../../model/runtime.ts';

const texts = z.record(z.string(), z.string());
const pool = z.lazy(() =>
  z.object({
    subnet: z.string(),
    ipRange: z.optional(z.string()),
    gateway: z.optional(z.string()),
    auxAddresses: z.optional(texts),
    chosen: z.optional(z.literal(true)),
  }),
);
const shape = z.lazy(() =>
  z.object({
    version: z.literal(1),
    id: z.string().check(z.regex(/^[0-9a-f]{64}$/, 'not an id')),
    name: z.string(),
    driver: z.enum(['bridge', 'host', 'none']),
    driverOpts: texts,
    labels: texts,
    internal: z.boolean(),
    attachable: z.boolean(),
    enableIpv4: z.boolean(),
    enableIpv6: z.boolean(),
    ipam: z.array(pool),
    created: z.string(),
  }),
);

/** `networks/<name>/meta.json`. */
export type NetworkMeta = NetworkRecord & { readonly version: 1 };
export const networkMeta = shape as unknown as z.ZodMiniType<NetworkMeta>;
