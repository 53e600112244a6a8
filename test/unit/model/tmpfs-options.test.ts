import { expect, test } from 'bun:test';
import { parseTmpfsOptions } from '../../../src/model/tmpfs-options.ts';

const plain = { readOnly: false, size: 0, uid: 0, gid: 0, options: [] };

test('sizes, owners and modes are read; the rest goes to the kernel', () => {
  expect(parseTmpfsOptions('')).toEqual(plain);
  expect(parseTmpfsOptions('size=64k,mode=0700,uid=5,gid=6,exec')).toEqual({
    ...plain,
    size: 65536,
    mode: 0o700,
    uid: 5,
    gid: 6,
    options: ['exec'],
  });
  expect(parseTmpfsOptions('size=20%,nr_inodes=1k')).toEqual({ ...plain, options: ['size=20%', 'nr_inodes=1k'] });
  expect(parseTmpfsOptions('ro,rw')).toEqual(plain);
  expect(parseTmpfsOptions('rw,ro')).toEqual({ ...plain, readOnly: true });
});

test('a word that means nothing is named', () => {
  for (const word of ['colour=red', 'fast', 'size=much', 'mode=rwx', 'uid=root'])
    expect(parseTmpfsOptions(`rw,${word}`)).toEqual({ wrong: word });
});
