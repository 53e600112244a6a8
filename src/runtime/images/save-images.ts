import { copyFile, link, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RuntimeContext } from '../context.ts';
import { hexOf } from '../store/layer-path.ts';
import type { Descriptor } from '../store/image-records.ts';
import { blobName } from './archive-images.ts';
import { pack } from './core-program.ts';
import { writeAll } from './copy-container.ts';
import { findImage, imageNotFound, repositoryOf } from './find-image.ts';
import type { ImageLibrary } from './image-library.ts';
import { markInUse } from './image-users.ts';
import { indexOf, type IndexEntry } from './index-entries.ts';
import { canonicalName, familiarName, parseReference } from './reference.ts';
import { withStaging } from './staging.ts';

interface Chosen {
  readonly descriptor: Descriptor;
  /** Canonical, tags only. */
  readonly names: Set<string>;
}

/** Writes an archive that `docker load` takes (manifest.json) and that is an OCI layout at the same time. */
export async function saveImages(
  context: RuntimeContext,
  library: ImageLibrary,
  references: readonly string[],
  output: NodeJS.WritableStream,
): Promise<void> {
  await withStaging(context, async (staging) => {
    const chosen = await library.withLock(() => Promise.resolve(chooseImages(library, references, staging)));
    const folder = join(staging, 'save');
    await mkdir(join(folder, 'blobs', 'sha256'), { recursive: true, mode: 0o755 });
    const items = [];
    for (const { descriptor, names } of chosen) {
      const manifest = library.readManifest(descriptor.digest);
      for (const digest of new Set([descriptor.digest, manifest.config.digest, ...manifest.layers.map((layer) => layer.digest)])) {
        await share(library.blobPath(digest), join(folder, blobName(digest)));
      }
      items.push({
        Config: blobName(manifest.config.digest),
        RepoTags: [...names].map((name) => familiarName(parseReference(name))),
        Layers: manifest.layers.map((layer) => blobName(layer.digest)),
      });
    }
    await writeFile(join(folder, 'manifest.json'), JSON.stringify(items));
    await writeFile(join(folder, 'index.json'), JSON.stringify(indexOf(chosen.flatMap(entriesOfChosen))));
    await writeFile(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
    await writeFile(join(folder, 'repositories'), JSON.stringify(repositories(library, chosen)));
    await pack(context.core.path, ['--root', folder], async (tar) => writeAll(tar, output));
  });
}

/** Every image once, with the names by which it was asked for; a repository without a tag stands for all of its tags. */
function chooseImages(library: ImageLibrary, references: readonly string[], staging: string): readonly Chosen[] {
  const entries = library.readEntries();
  const chosen = new Map<string, Chosen>();
  for (const reference of references) {
    for (const { descriptor, name } of matches(library, entries, reference)) {
      const item = chosen.get(descriptor.digest) ?? { descriptor, names: new Set<string>() };
      if (name !== undefined && !name.includes('@')) item.names.add(name);
      chosen.set(descriptor.digest, item);
    }
  }
  // Another command may remove them before they are written.
  for (const { descriptor } of chosen.values()) {
    const manifest = library.readManifest(descriptor.digest);
    markInUse(
      staging,
      [descriptor, manifest.config, ...manifest.layers].map(({ digest }) => digest),
    );
  }
  return [...chosen.values()];
}

function matches(library: ImageLibrary, entries: readonly IndexEntry[], reference: string): readonly IndexEntry[] {
  const found = findImage(library, entries, reference);
  const all = repositoryEntries(entries, reference);
  if (all.length > 0) return all;
  if (found === undefined) throw imageNotFound(reference);
  return [found];
}

function repositoryEntries(entries: readonly IndexEntry[], reference: string): readonly IndexEntry[] {
  try {
    const parsed = parseReference(reference);
    if (parsed.tag !== undefined || parsed.digest !== undefined) return [];
    const repository = canonicalName(parsed);
    return entries.filter(({ name }) => name !== undefined && !name.includes('@') && repositoryOf(name) === repository);
  } catch {
    return [];
  }
}

function entriesOfChosen({ descriptor, names }: Chosen): readonly IndexEntry[] {
  return names.size === 0 ? [{ descriptor }] : [...names].map((name) => ({ descriptor, name }));
}

/** What Docker before 1.10 reads: repository -> tag -> topmost layer. */
function repositories(library: ImageLibrary, chosen: readonly Chosen[]): Record<string, Record<string, string>> {
  const result: Record<string, Record<string, string>> = {};
  for (const { descriptor, names } of chosen) {
    const top = library.readManifest(descriptor.digest).layers.at(-1)?.digest;
    for (const name of names) {
      const { tag = 'latest', ...repository } = parseReference(name);
      (result[familiarName(repository)] ??= {})[tag] = top === undefined ? '' : hexOf(top);
    }
  }
  return result;
}

/** A second name where the file system has them: no byte is copied. */
async function share(source: string, target: string): Promise<void> {
  await link(source, target).catch(() => copyFile(source, target));
}
