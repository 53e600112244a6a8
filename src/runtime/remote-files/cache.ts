/** The folder of what was fetched, in the user's cache. */
export const CACHE = 'mydocker-compose';

/** Whether two paths are the same place in the same repository, whatever the commits. */
export function isSameRemote(a: string, b: string): boolean {
  const place = (path: string): string | undefined =>
    new RegExp(`/${CACHE}/([0-9a-f]{12}/)[0-9a-f]{40,64}(/.*)`).exec(path)?.slice(1).join('');
  return place(a) !== undefined && place(a) === place(b);
}
