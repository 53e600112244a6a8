import { join } from 'node:path';
import type { Roots } from './roots.ts';

/** The folder of an unpacked layer: lower layers of overlayfs are named by path, and a colon would split it. */
export function layerPath(roots: Roots, diffId: string): string {
  return join(roots.data, 'layers', hexOf(diffId));
}

/** `sha256:abc` -> `abc`. */
export function hexOf(digest: string): string {
  return digest.slice(digest.indexOf(':') + 1);
}
