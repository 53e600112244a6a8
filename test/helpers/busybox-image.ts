import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expectSuccess, run } from './run.ts';

const cache = new URL('../../node_modules/.cache/mydocker/', import.meta.url).pathname;

/** A root file system tar with the host's static busybox and all its applets; made once and kept. */
export async function busyboxTar(): Promise<string> {
  const tar = join(cache, 'busybox.tar');
  if (existsSync(tar)) return tar;
  mkdirSync(cache, { recursive: true });
  const root = mkdtempSync(join(cache, 'busybox-'));
  chmodSync(root, 0o755);
  for (const folder of ['bin', 'dev', 'etc', 'home', 'proc', 'root', 'sys', 'tmp', 'var']) mkdirSync(join(root, folder));
  chmodSync(join(root, 'tmp'), 0o1777);
  copyFileSync('/bin/busybox', join(root, 'bin/busybox'));
  const { stdout } = expectSuccess(await run('/bin/busybox', ['--list']));
  for (const applet of stdout.split('\n').filter((name) => name !== '' && name !== 'busybox')) {
    symlinkSync('busybox', join(root, 'bin', applet));
  }
  writeFileSync(
    join(root, 'etc/passwd'),
    'root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000:user:/home:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n',
  );
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\nuser:x:1000:\nstaff:x:50:user\nnogroup:x:65534:\n');
  expectSuccess(await run('tar', ['-C', root, '--numeric-owner', '--owner=0', '--group=0', '-cf', `${root}.tar`, '.']));
  renameSync(`${root}.tar`, tar);
  rmSync(root, { recursive: true });
  return tar;
}
