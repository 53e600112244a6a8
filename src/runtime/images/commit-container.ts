import { join } from 'node:path';
import { MydockerError } from '../../errors.ts';
import type { Container } from '../../model/runtime.ts';
import type { RuntimeContext } from '../context.ts';
import type { Descriptor, ImageConfigFile, RunConfig } from '../store/image-records.ts';
import { runtimeMade, walkWriteLayer } from './container-diff.ts';
import { writeLayerPath } from './container-tree.ts';
import { pack } from './core-program.ts';
import { writeDigested } from './digesting.ts';
import type { ImageLibrary, StagedLayer } from './image-library.ts';
import { register, stageImage } from './import-image.ts';
import { applyChanges } from './instructions.ts';
import { unpackPlainLayer } from './layer-unpacker.ts';
import { OCI_LAYER } from './media-types.ts';
import { canonicalName, type Reference } from './reference.ts';
import { withStaging } from './staging.ts';

export interface CommitOptions {
  readonly name?: Reference;
  readonly author?: string;
  readonly message?: string;
  readonly changes?: readonly string[];
}

/** An image of the container's image and its write layer. Volumes are not in it; their mount points are. Returns the id. */
export async function commitContainer(
  context: RuntimeContext,
  library: ImageLibrary,
  container: Container,
  options: CommitOptions,
): Promise<string> {
  return withStaging(context, async (staging) => {
    const { image: own } = container.config;
    await library.keep(staging, [own.id, ...own.layers]);
    const base = library.readConfig(own.id);
    const config = applyChanges(runConfigOf(container, base.config ?? {}), options.changes ?? []);
    const tarPath = join(staging, 'layer.tar');
    const { layer, descriptor } = await packWriteLayer(
      context,
      staging,
      tarPath,
      writeLayerPath(context, container.config.id),
      container.config.image.layers,
    );
    const layers = [
      ...container.config.image.layers.map((diffId) => library.layerBlob(diffId)),
      ...(descriptor === undefined ? [] : [descriptor]),
    ];
    const image = await stageImage(staging, committedConfig(base, config, layer, container, options), layers);
    const blobs = new Map([...image.blobs, ...(descriptor === undefined ? [] : ([[descriptor.digest, tarPath]] as const))]);
    const names = options.name === undefined ? [] : [canonicalName(options.name)];
    await register(context, library, { ...image, blobs, layers: layer === undefined ? [] : [layer] }, names);
    context.events.append({
      type: 'container',
      action: 'commit',
      id: container.config.id,
      attributes: {
        ...container.config.labels,
        image: container.config.image.reference,
        name: container.config.name,
        imageID: image.id,
        imageRef: names.join(' '),
      },
    });
    return image.id;
  });
}

interface PackedLayer {
  /** Absent when the container changed nothing. */
  readonly layer?: StagedLayer;
  readonly descriptor?: Descriptor;
}

/** Archives a write layer on the given layers, without what only the runtime made in it, and unpacks the archive as a layer. */
export async function packWriteLayer(
  context: RuntimeContext,
  staging: string,
  tarPath: string,
  folder: string,
  below: readonly string[],
): Promise<PackedLayer> {
  const entries = await walkWriteLayer(context, folder, below);
  const skipped = runtimeMade(entries);
  if (entries.every(({ path }) => skipped.has(path))) return {};
  const excludes = [...skipped].flatMap((path) => ['--exclude', path]);
  const args = ['--root', folder, '--mode', 'layer', ...excludes];
  let written: { digest: string; size: number } | undefined;
  await pack(context.core.path, args, async (output) => {
    written = await writeDigested(tarPath, output as AsyncIterable<Uint8Array>);
  });
  if (written === undefined) throw new MydockerError('runtime', 'the write layer could not be packed');
  const descriptor = { mediaType: OCI_LAYER, ...written };
  return { layer: await unpackPlainLayer(context.core.path, staging, tarPath, descriptor), descriptor };
}

function committedConfig(
  base: ImageConfigFile,
  config: RunConfig,
  layer: StagedLayer | undefined,
  { config: { process } }: Container,
  { author, message }: CommitOptions,
): ImageConfigFile {
  const created = new Date().toISOString();
  return {
    ...base,
    created,
    ...(author === undefined ? {} : { author }),
    config,
    rootfs: { type: 'layers', diff_ids: [...(base.rootfs.diff_ids ?? []), ...(layer === undefined ? [] : [layer.diffId])] },
    history: [
      ...(base.history ?? []),
      {
        created,
        created_by: process.args.join(' '),
        ...(author === undefined ? {} : { author }),
        ...(message === undefined ? {} : { comment: message }),
        ...(layer === undefined ? { empty_layer: true } : {}),
      },
    ],
  };
}

/** What a container was run with becomes what its image is run with. */
function runConfigOf({ config }: Container, image: RunConfig): RunConfig {
  const { process, labels, stop, network, mounts, healthcheck } = config;
  const volumes = mounts.filter((mount) => mount.type === 'volume' && mount.anonymous).map(({ target }) => [target, {}] as const);
  const ports = [...network.exposed, ...network.ports.map(({ containerPort, protocol }) => `${String(containerPort)}/${protocol}`)];
  const milliseconds = 1_000_000;
  return {
    ...image,
    User: process.user,
    Env: [...process.env],
    Entrypoint: process.entrypoint.length > 0 ? [...process.entrypoint] : null,
    Cmd: process.command.length > 0 ? [...process.command] : null,
    WorkingDir: process.cwd === '/' ? (image.WorkingDir ?? '') : process.cwd,
    Labels: { ...image.Labels, ...labels },
    ...(ports.length > 0 ? { ExposedPorts: { ...image.ExposedPorts, ...Object.fromEntries(ports.map((port) => [port, {}])) } } : {}),
    ...(volumes.length > 0 ? { Volumes: { ...image.Volumes, ...Object.fromEntries(volumes) } } : {}),
    ...(stop.signal === '' || stop.signal === 'SIGTERM' ? {} : { StopSignal: stop.signal }),
    ...(healthcheck === undefined
      ? {}
      : {
          Healthcheck: {
            Test: [...healthcheck.test],
            Interval: healthcheck.interval * milliseconds,
            Timeout: healthcheck.timeout * milliseconds,
            StartPeriod: healthcheck.startPeriod * milliseconds,
            StartInterval: healthcheck.startInterval * milliseconds,
            Retries: healthcheck.retries,
          },
        }),
  };
}
