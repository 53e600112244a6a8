import type { Command } from 'commander';
import { MydockerError } from '../../errors.ts';
import type { MydockerRuntime } from '../../runtime/runtime.ts';
import type { Cli } from './cli.ts';
import { printInspected } from './print-inspected.ts';
import { volumeJson } from './volume/volume-json.ts';

type Json = Readonly<Record<string, unknown>>;
const TYPES = ['container', 'image', 'volume', 'network'] as const;
type Type = (typeof TYPES)[number];

interface InspectFlags {
  readonly format?: string;
  readonly type?: string;
  readonly size?: boolean;
}

export function defineVerb(command: Command, cli: Cli): void {
  command
    .argument('<name...>')
    .option('-f, --format <format>', 'a Go template, or json')
    .option('--type <type>', 'only container, image, volume or network')
    .option('-s, --size', 'show the size of the write layer of a container')
    .action(async (names: readonly string[], { format, type, size = false }: InspectFlags) => {
      const runtime = await cli.open();
      const types = type === undefined ? TYPES : [checkedType(type)];
      await printInspected(names, format, (name) => findAny(runtime, name, types, size));
    });
}

function checkedType(text: string): Type {
  const found = TYPES.find((type) => type === text);
  if (found === undefined) throw new MydockerError('usage', `unknown type: ${JSON.stringify(text)}: must be one of ${TYPES.join(', ')}`);
  return found;
}

/** The first kind of thing that has the name: container, image, volume, network. */
async function findAny(runtime: MydockerRuntime, name: string, types: readonly Type[], size: boolean): Promise<Json> {
  const finders: Readonly<Record<Type, () => Promise<Json | undefined>>> = {
    container: async () => ({
      ...(await runtime.containers.inspect(name)),
      ...(size ? { SizeRw: await runtime.containers.sizeOf(name) } : {}),
    }),
    image: () => runtime.images.inspect(name),
    volume: async () => {
      const volume = /^[\w.-]+$/.test(name) ? await runtime.volumes.get(name) : undefined;
      return volume === undefined ? undefined : volumeJson(volume);
    },
    network: () => Promise.resolve(undefined),
  };
  for (const type of types) {
    try {
      const found = await finders[type]();
      if (found !== undefined) return found;
    } catch (error) {
      if (!(error instanceof MydockerError) || !['not-found', 'invalid'].includes(error.code)) throw error;
    }
  }
  throw new MydockerError('not-found', `no such ${types.length === 1 ? (types[0] ?? '') : 'object'}: ${name}`);
}
