import * as z from 'zod/mini';
import { closed, flag, flagOrText, lazy, listOrMap, named, open, options, required, string, stringOrList, strings } from './parts.ts';
import { serviceSchema } from './service-schema.ts';

const { text, boolean, wholeNumber } = required;
const labels = z.optional(listOrMap);
const driverOptions = z.optional(options);
/** `true`, or the old form with a name. */
const external = (): z.ZodMiniType => z.union([boolean, text, open({ name: string })]);
const looseExternal = (): z.ZodMiniType => z.union([boolean, text, z.looseObject({ name: string })]);

const network = (): z.ZodMiniType =>
  z.nullable(
    open({
      name: string,
      driver: string,
      driver_opts: driverOptions,
      ipam: z.optional(
        open({
          driver: string,
          config: z.optional(
            z.array(open({ subnet: string, ip_range: string, gateway: string, aux_addresses: z.optional(z.record(text, text)) })),
          ),
          options: z.optional(z.record(text, text)),
        }),
      ),
      external: lazy(external),
      internal: flagOrText,
      attachable: flagOrText,
      enable_ipv4: flagOrText,
      enable_ipv6: flagOrText,
      labels,
    }),
  );

const volume = (): z.ZodMiniType =>
  z.nullable(
    open({
      name: string,
      driver: string,
      driver_opts: driverOptions,
      external: lazy(external),
      labels,
      'x-mydocker': lazy(() => closed({ protected: flag })),
    }),
  );

const secret = (): z.ZodMiniType =>
  open({
    name: string,
    environment: string,
    file: string,
    external: lazy(looseExternal),
    labels,
    driver: string,
    driver_opts: driverOptions,
    template_driver: string,
  });

const config = (): z.ZodMiniType =>
  open({
    name: string,
    content: string,
    environment: string,
    file: string,
    external: lazy(looseExternal),
    labels,
    template_driver: string,
  });

const model = (): z.ZodMiniType =>
  open({ name: string, model: text, context_size: z.optional(wholeNumber), runtime_flags: z.optional(strings) });

const include = (): z.ZodMiniType =>
  z.array(z.union([text, closed({ path: z.optional(stringOrList), env_file: z.optional(stringOrList), project_directory: string })]));

/** A compose file after interpolation and merge: the one source of validation and of mydocker-compose.schema.json. */
export const composeSchema = open({
  version: string,
  name: string,
  include: lazy(include),
  services: z.optional(named(serviceSchema)),
  networks: lazy(() => z.record(text, network())),
  volumes: lazy(() => named(volume())),
  secrets: lazy(() => named(secret())),
  configs: lazy(() => named(config())),
  models: lazy(() => z.record(text, model())),
});
