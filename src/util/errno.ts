/** The symbolic name of a failed system call (`ENOENT`), or `` when the error is not one. */
export function errnoOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}
