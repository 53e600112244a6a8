import { mkdirSync, statSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { MydockerError } from '../../errors.ts';
import { errnoOf } from '../../util/errno.ts';

/** Where everything is kept: `data` survives a reboot, `run` does not. */
export interface Roots {
  readonly data: string;
  readonly run: string;
}

export interface RootFlags {
  readonly dataRoot?: string | undefined;
  readonly runRoot?: string | undefined;
}

/** A flag wins over its variable (MYDOCKER_DATA_ROOT, MYDOCKER_RUN_ROOT), the variable over the default. */
export function findRoots(flags: RootFlags, env: Readonly<Record<string, string | undefined>>): Roots {
  return {
    data: checkedRoot(flags.dataRoot ?? env['MYDOCKER_DATA_ROOT'], '/var/lib/mydocker', 'data root'),
    run: checkedRoot(flags.runRoot ?? env['MYDOCKER_RUN_ROOT'], '/run/mydocker', 'run root'),
  };
}

function checkedRoot(wish: string | undefined, fallback: string, what: string): string {
  if (wish === undefined || wish === '') return fallback;
  if (!isAbsolute(wish)) throw new MydockerError('usage', `${what} ${JSON.stringify(wish)} is not an absolute path`);
  const root = resolve(wish);
  if (root === '/') throw new MydockerError('usage', `${what} must not be the file system's root`);
  return root;
}

const DATA_FOLDERS = [
  'containers',
  'volumes',
  'networks',
  'images',
  'layers',
  'projects',
  'names',
  'trash',
  'locks',
  'seccomp',
  'tmp',
  'build-cache',
];
const RUN_FOLDERS = ['containers'];

/** Makes the roots' folders, readable by root alone; tells whether containers have not been kept there before. */
export function makeRoots(roots: Roots): boolean {
  const folders = [
    roots.data,
    ...DATA_FOLDERS.map((name) => join(roots.data, name)),
    roots.run,
    ...RUN_FOLDERS.map((name) => join(roots.run, name)),
  ];
  const made = folders.filter(makeFolder);
  for (const root of [roots.data, roots.run]) refuseOthersFolder(root);
  return made.includes(join(roots.data, 'containers')) || made.includes(join(roots.run, 'containers'));
}

/** Whoever may write to a root could put what they like in the place of what we keep there. */
function refuseOthersFolder(root: string): void {
  const { uid, mode } = statSync(root);
  const own = process.getuid?.() ?? 0;
  if (uid !== own && uid !== 0) {
    throw new MydockerError('refused', `${root} belongs to user ${String(uid)}, who could change what is kept in it`, {
      hint: `Give it to the one who runs this: chown ${String(own)} ${root}, or choose another folder with --data-root or --run-root.`,
    });
  }
  if ((mode & 0o022) === 0) return;
  throw new MydockerError('refused', `others may write to ${root} (its mode is ${(mode & 0o7777).toString(8)})`, {
    hint: `chmod go-w ${root}, or choose another folder with --data-root or --run-root.`,
  });
}

/** True when it was not there. */
function makeFolder(folder: string): boolean {
  try {
    return mkdirSync(folder, { recursive: true, mode: 0o700 }) !== undefined;
  } catch (error) {
    const code = errnoOf(error);
    throw new MydockerError('host', `cannot make the folder ${folder}: ${code}`, {
      cause: error,
      hint:
        code === 'EACCES' || code === 'EPERM'
          ? 'Run as root, or choose folders of your own with --data-root and --run-root.'
          : 'Check the disk and the path.',
    });
  }
}
