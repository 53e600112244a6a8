/** The symbolic name of a failed system call (`ENOENT`), or `` when the error is not one. */
export function errnoOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
  ELOOP: 'its symbolic links go round in a circle',
  ENAMETOOLONG: 'the name is too long',
  ENOENT: 'no such file or directory',
  ENOTDIR: 'a part of the path is not a directory',
  EROFS: 'the file system is read-only',
};

/** Why a file could not be reached, in words. */
export function reasonOf(error: unknown): string {
  return REASONS[errnoOf(error)] ?? (error instanceof Error ? error.message : String(error));
}
