import { parseByteSize } from '../util/byte-size.ts';
import type { MountSpec } from './container.ts';

type TmpfsOptions = Omit<Extract<MountSpec, { type: 'tmpfs' }>, 'type' | 'target'>;

/** The options of a tmpfs as `--tmpfs` and `tmpfs:` write them, `size=64m,mode=1770,uid=1000,noexec`; or the word that means nothing. */
export function parseTmpfsOptions(text: string): TmpfsOptions | { readonly wrong: string } {
  const words = text.split(',').filter((word) => word !== '');
  const value = (name: string): string | undefined => words.findLast((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
  const wrong = words.find((word) => !isKnown(word));
  if (wrong !== undefined) return { wrong };
  const size = value('size');
  const mode = value('mode');
  return {
    readOnly: words.findLast((word) => word === 'ro' || word === 'rw') === 'ro',
    size: size === undefined || size.endsWith('%') ? 0 : (parseByteSize(size) ?? 0),
    ...(mode === undefined ? {} : { mode: Number.parseInt(mode, 8) }),
    uid: Number(value('uid') ?? 0),
    gid: Number(value('gid') ?? 0),
    // A share of the memory is for the kernel to work out.
    options: words.filter((word) => !/^(?:ro|rw|(?:mode|uid|gid)=.*|size=.*[^%])$/.test(word)),
  };
}

const FLAGS =
  'ro rw exec noexec suid nosuid dev nodev sync async dirsync atime noatime diratime nodiratime relatime norelatime strictatime nostrictatime remount mand nomand private rprivate shared rshared slave rslave unbindable runbindable bind rbind'.split(
    ' ',
  );

function isKnown(word: string): boolean {
  const [key = '', value] = word.split(/=(.*)/s);
  if (value === undefined) return FLAGS.includes(key);
  if (key === 'size') return /^\d+%$/.test(value) || parseByteSize(value) !== undefined;
  if (key === 'mode') return /^[0-7]{1,5}$/.test(value);
  if (key === 'uid' || key === 'gid' || key === 'nr_inodes' || key === 'nr_blocks') return /^\d+[kmg]?$/i.test(value);
  return key === 'mpol' || key === 'huge';
}
