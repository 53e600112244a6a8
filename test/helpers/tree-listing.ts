import { run, expectSuccess } from './run.ts';

/** What `tree list` of test/fixtures/tree.c tells of one entry. */
export interface ListedEntry {
  /** With %XX for every byte that is no plain letter; `.` is the start. */
  readonly path: string;
  /** Of a mount point nothing else is told. */
  readonly mounted: boolean;
  /** Octal, with the type. */
  readonly mode: string;
  readonly owner: string;
  /** Seconds and nine digits. */
  readonly mtime: string;
  /** Size and digest, device numbers, a link's target. */
  readonly content: string;
  /** The first path of the same file; empty for that one. */
  readonly hardlink: string;
  readonly xattrs: string;
}

export type TreeListing = ReadonlyMap<string, ListedEntry>;

export function parseListing(text: string): TreeListing {
  const entries = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line): ListedEntry => {
      const [path = '', mode = '', owner = '', mtime = '', content = '', hardlink = '', xattrs = ''] = line.split('\t');
      return { path, mounted: mode === 'mount', mode, owner, mtime, content, hardlink, xattrs };
    });
  return new Map(entries.map((entry) => [entry.path, entry]));
}

/** Lists a folder of the host with the program that `buildProgram` made. */
export async function listFolder(program: string, folder: string): Promise<TreeListing> {
  return parseListing(expectSuccess(await run(program, ['list', folder])).stdout);
}

export const isBelow = (path: string, folder: string): boolean => path.startsWith(`${folder}/`);

/** The subtree, its start as `.`. */
export function subtree(listing: TreeListing, folder: string): TreeListing {
  const inner = (path: string): string => (path === folder ? '.' : isBelow(path, folder) ? path.slice(folder.length + 1) : '');
  return new Map(
    [...listing.values()]
      .filter(({ path }) => path === folder || isBelow(path, folder))
      .map((entry) => [inner(entry.path), { ...entry, path: inner(entry.path), hardlink: inner(entry.hardlink) }]),
  );
}

/** What is left without some paths and all below them; of a file with several names the first that is left is the first. */
export function without(listing: TreeListing, dropped: readonly string[]): TreeListing {
  const first = new Map<string, string>();
  const kept = [...listing.values()].filter(({ path }) => !dropped.some((folder) => path === folder || isBelow(path, folder)));
  return new Map(
    kept.map((entry) => {
      const file = entry.hardlink === '' ? entry.path : entry.hardlink;
      const leader = first.get(file);
      if (leader === undefined) first.set(file, entry.path);
      return [entry.path, { ...entry, hardlink: leader ?? '' }];
    }),
  );
}

/** Everything that is told of an entry, as a line. */
export function describeEntry({ path, mode, owner, mtime, content, hardlink, xattrs }: ListedEntry): string {
  return [path, mode, owner, mtime, content, hardlink === '' ? '' : `= ${hardlink}`, xattrs].join(' ').trimEnd();
}

/** What archives have no place for. */
export interface Lossy {
  /** Fractions of a second: not in the layers and exports that Docker makes, and these. */
  readonly wholeSeconds?: boolean;
  readonly withoutXattrs?: boolean;
  /** GNU tar writes each name of a device or a fifo as a node of its own. */
  readonly withoutNodeLinks?: boolean;
  /** Folders in which something was made meanwhile. */
  readonly withoutTimeOf?: (path: string) => boolean;
}

const SOCKET = '14';
const NODES = ['01', '02', '06'];

/** As lines to compare; sockets are in no archive. */
export function lines(listing: TreeListing, { wholeSeconds, withoutXattrs, withoutNodeLinks, withoutTimeOf }: Lossy = {}): string[] {
  return [...listing.values()]
    .filter(({ mounted, mode }) => !mounted && !mode.startsWith(SOCKET))
    .map((entry) => {
      // -5.999999999 is -5 s and 999999999 ns: what is before the point is rounded down already.
      const time = wholeSeconds === true ? entry.mtime.replace(/\..*/, '') : entry.mtime;
      const mtime = withoutTimeOf?.(entry.path) === true ? '-' : time;
      const hardlink = withoutNodeLinks === true && NODES.includes(entry.mode.slice(0, 2)) ? '' : entry.hardlink;
      return describeEntry({ ...entry, mtime, hardlink, xattrs: withoutXattrs === true ? '' : entry.xattrs });
    })
    .sort();
}
