import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { MydockerError } from '../../errors.ts';
import { digestOf } from '../images/digesting.ts';
import { OCI_MANIFEST } from '../images/media-types.ts';
import { familiarName, parseTagged, type Reference } from '../images/reference.ts';
import { fetchManifest } from '../images/registry/fetch-manifest.ts';
import { originsOf, RegistryClient } from '../images/registry/registry-client.ts';
import { readRegistrySettings } from '../images/registry/registry-settings.ts';
import { hasBlob, uploadBlob } from '../images/registry/upload-blob.ts';
import { hexOf } from '../store/layer-path.ts';
import { fetchedFolder } from './fetched-folder.ts';

/** A compose project in a registry, as `docker compose publish` puts it there: an OCI artifact whose layers are its files. */
const PROJECT = 'application/vnd.docker.compose.project';
const COMPOSE_FILE = 'application/vnd.docker.compose.file+yaml';
const ENV_FILE = 'application/vnd.docker.compose.envfile';
const EMPTY_CONFIG = 'application/vnd.oci.empty.v1+json';
const OLD_CONFIG = 'application/vnd.docker.compose.config.empty.v1+json';
const FILE_NAME = 'com.docker.compose.file';
const ENV_NAME = 'com.docker.compose.envfile';
const EXTENDED = 'com.docker.compose.extends';
const COMPOSE_VERSION = 'com.docker.compose.version';

const SCHEME = 'oci://';
const MAX_FILE = 4 << 20;

export interface ProjectFile {
  /** `compose`: merged with the others, in order; `extended`: named by an `extends`; `env`: named by an `env_file`. */
  readonly kind: 'compose' | 'extended' | 'env';
  /** Without folders. */
  readonly name: string;
  readonly text: string;
}

interface Layer {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
}

export function isArtifact(reference: string): boolean {
  return reference.startsWith(SCHEME);
}

/** Brings the files of `oci://NAME` to a folder of its digest below `cache`, if they are not there; the path of the compose file. */
export async function fetchArtifact(reference: string, cache: string, say: (line: string) => void): Promise<string> {
  const image = parseTagged(reference.slice(SCHEME.length));
  const client = new RegistryClient(image.domain, image.path);
  const { descriptor, bytes } = await fetchManifest(client, image.digest ?? image.tag ?? 'latest', image.digest);
  const fetched = { origin: `${image.domain}/${image.path}`, version: hexOf(descriptor.digest), name: basename(image.path) };
  const folder = await fetchedFolder(cache, fetched, async (made) => {
    say(`fetching ${reference}`);
    await writeFiles(made, await filesOf(client, reference, bytes));
  });
  return join(folder, 'compose.yaml');
}

async function filesOf(client: RegistryClient, reference: string, manifest: Uint8Array): Promise<readonly ProjectFile[]> {
  const { artifactType, config, layers } = JSON.parse(Buffer.from(manifest).toString()) as {
    readonly artifactType?: string;
    readonly config?: { readonly mediaType?: string };
    readonly layers?: readonly Layer[];
  };
  if (artifactType !== PROJECT && config?.mediaType !== OLD_CONFIG) {
    throw new MydockerError('invalid', 'it is not a compose project', { resource: reference, hint: 'Images are named by `image`.' });
  }
  const known = (layers ?? []).filter(({ mediaType }) => [COMPOSE_FILE, ENV_FILE].includes(mediaType));
  return Promise.all(known.map(async (layer) => fileOf(client, reference, layer)));
}

async function fileOf(client: RegistryClient, reference: string, layer: Layer): Promise<ProjectFile> {
  const { annotations = {}, digest, mediaType, size } = layer;
  const name = annotations[mediaType === ENV_FILE ? ENV_NAME : FILE_NAME] ?? '';
  if (!/^[\w-][\w.-]*$/.test(name))
    throw new MydockerError('invalid', `${JSON.stringify(name)} is not the name of a file`, { resource: reference });
  if (size > MAX_FILE) throw new MydockerError('invalid', `${name} is too large`, { resource: reference });
  const bytes = new Uint8Array(await (await client.request(`blobs/${digest}`)).arrayBuffer());
  const found = digestOf(bytes);
  if (found !== digest) throw new MydockerError('invalid', `the registry sent ${found} in place of ${digest}`, { resource: reference });
  const kind = mediaType === ENV_FILE ? 'env' : annotations[EXTENDED] === 'true' ? 'extended' : 'compose';
  return { kind, name, text: Buffer.from(bytes).toString() };
}

async function writeFiles(folder: string, files: readonly ProjectFile[]): Promise<void> {
  await mkdir(folder, { mode: 0o700 });
  for (const { name, text } of files.filter(({ kind }) => kind !== 'compose')) await writeFile(join(folder, name), text);
  const documents = files.filter(({ kind }) => kind === 'compose').map(({ text }) => text);
  await writeFile(join(folder, 'compose.yaml'), documents.join('\n---\n'));
}

export interface PublishOptions {
  /** Of the specification: 1.0 knows no types of artifacts. */
  readonly version: '1.0' | '1.1';
  /** Of Docker Compose, which says it. */
  readonly composeVersion: string;
}

/** Puts a project into a registry; returns its digest there. */
export async function publishArtifact(reference: Reference, files: readonly ProjectFile[], options: PublishOptions): Promise<string> {
  const origins = originsOf(reference.domain, readRegistrySettings(), true);
  const client = new RegistryClient(reference.domain, reference.path, origins);
  const put = async (text: string): Promise<{ readonly digest: string; readonly size: number }> => {
    const blob = { digest: digestOf(text), size: Buffer.byteLength(text) };
    if (!(await hasBlob(client, blob))) await uploadBlob(client, blob, text);
    return blob;
  };
  const isOld = options.version === '1.0';
  const config = { mediaType: isOld ? OLD_CONFIG : EMPTY_CONFIG, ...(await put('{}')) };
  const layers: Layer[] = [];
  for (const file of files) layers.push({ ...layerOf(file, options.composeVersion), ...(await put(file.text)) });
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    ...(isOld ? {} : { artifactType: PROJECT }),
    config,
    layers,
    annotations: { 'org.opencontainers.image.created': new Date().toISOString() },
  });
  await client.request(`manifests/${reference.tag ?? 'latest'}`, {
    method: 'PUT',
    actions: 'pull,push',
    headers: { 'Content-Type': OCI_MANIFEST },
    body: manifest,
  });
  return digestOf(manifest);
}

function layerOf({ kind, name }: ProjectFile, version: string): Pick<Layer, 'mediaType' | 'annotations'> {
  const common = { [COMPOSE_VERSION]: version };
  if (kind === 'env') return { mediaType: ENV_FILE, annotations: { [ENV_NAME]: name, ...common } };
  return { mediaType: COMPOSE_FILE, annotations: { ...(kind === 'extended' ? { [EXTENDED]: 'true' } : {}), [FILE_NAME]: name, ...common } };
}

/** As people write it. */
export function publishedName(text: string): { readonly reference: Reference; readonly name: string } {
  const reference = parseTagged(text);
  if (reference.digest !== undefined)
    throw new MydockerError('invalid', 'a project is published under a tag, not a digest', { resource: text });
  return { reference, name: familiarName(reference) };
}
