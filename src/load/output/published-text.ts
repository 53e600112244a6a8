import { isMap, isScalar, isSeq, parseAllDocuments, type Document, type Node } from 'yaml';

/** A file that a service names and that has to go with the compose file. */
export interface NamedFile {
  readonly kind: 'extended' | 'env';
  /** As written. */
  readonly path: string;
}

/**
 * The text of a compose file in which the files that its services extend, and their env files, have the names that `rename` gives
 * them (undefined: the one they have). Everything else stays as it is, and all of it when no name changes.
 */
export function renameFiles(text: string, rename: (file: NamedFile) => string | undefined): string {
  const documents = parseAllDocuments(text, { logLevel: 'silent' });
  const renamed = new Set<unknown>();
  const visit = (node: unknown, kind: NamedFile['kind']): void => {
    if (!isScalar(node) || typeof node.value !== 'string') return;
    const name = rename({ kind, path: node.value });
    if (name === undefined) return;
    node.value = name;
    renamed.add(node);
  };
  for (const service of documents.flatMap(servicesOf)) {
    if (!isMap(service)) continue;
    const base = service.get('extends', true);
    if (isMap(base)) visit(base.get('file', true), 'extended');
    const envFiles = service.get('env_file', true);
    for (const entry of isSeq(envFiles) ? envFiles.items : [envFiles]) visit(isMap(entry) ? entry.get('path', true) : entry, 'env');
  }
  return renamed.size > 0 ? documents.map((document) => document.toString({ lineWidth: 0 })).join('') : text;
}

/** What the file includes, as written. */
export function includesOf(text: string): readonly string[] {
  const documents = parseAllDocuments(text, { logLevel: 'silent' });
  return documents.flatMap((document) => {
    const includes: unknown = isMap(document.contents) ? document.contents.toJS(document) : undefined;
    return pathsOf((includes as { readonly include?: unknown } | undefined)?.include);
  });
}

function pathsOf(includes: unknown): readonly string[] {
  return (Array.isArray(includes) ? includes : []).flatMap((entry: unknown) => {
    const path = typeof entry === 'string' ? entry : (entry as { readonly path?: unknown } | null)?.path;
    return (Array.isArray(path) ? path : [path]).filter((item) => typeof item === 'string');
  });
}

function servicesOf(document: Document): readonly unknown[] {
  const services = isMap(document.contents) ? document.contents.get('services', true) : undefined;
  return isMap(services) ? services.items.map(({ value }) => value as Node | null) : [];
}
