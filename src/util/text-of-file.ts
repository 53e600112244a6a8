import { readFileSync } from 'node:fs';

/** The file's text; empty when it cannot be read. For /proc, /sys and the like, where a missing file means that there is none of it. */
export function textOfFile(path: string, encoding: 'utf8' | 'latin1' = 'utf8'): string {
  try {
    return readFileSync(path, encoding);
  } catch {
    return '';
  }
}
