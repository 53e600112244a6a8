import type { Fields } from './frame.ts';

/** What the kernel takes in any case: less than a quarter of the smallest stack it starts a program with, a variable at most 128 KiB. */
const MOST_BYTES = 100_000;

/**
 * Replaces this process by `mydocker-core exec`, which ends as the process in the container does: nothing is left to start,
 * to feed and to wait for. Returns when that cannot be. `last` is called right before and gives what is printed before the text of an error. The request goes as variables, since arguments can be read by all.
 */
export function becomeRelay(core: string, fields: Fields, last: () => string): void {
  const env: Record<string, string> = {};
  for (const [index, [key, value]] of fields.entries()) env[`FIELD${String(index)}`] = `${key}=${value}`;
  const size = Object.entries(env).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value) + 2, 0);
  if (size > MOST_BYTES) return;
  env['ERROR_PREFIX'] = last();
  try {
    process.execve?.(core, ['mydocker-core', 'exec'], env);
  } catch {
    // The ordinary way says what is wrong.
  }
}
