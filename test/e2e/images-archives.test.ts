import { expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { useSandbox } from '../helpers/sandbox.ts';
import { tarArchive, type TarMember } from '../helpers/tar-archive.ts';

const sandbox = useSandbox();

function archive(name: string, members: readonly TarMember[]): string {
  const path = join(sandbox.directory, name);
  writeFileSync(path, tarArchive(members));
  return path;
}

/** Every file of the image store: what a refused command must not have changed. */
function storeFiles(): readonly string[] {
  return ['images', 'layers', 'tmp'].flatMap((folder) =>
    readdirSync(join(sandbox.dataRoot, folder), { recursive: true, encoding: 'buffer' }).map(
      (name) => `${folder}/${name.toString('latin1')}`,
    ),
  );
}

const digestOf = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

const hostile: readonly (readonly [string, readonly TarMember[]])[] = [
  ['a path that climbs', [{ name: '../escaped' }]],
  ['an absolute path', [{ name: '/var/tmp/mydocker-escaped' }]],
  [
    'a parent that is a link to the outside',
    [
      { name: 'way', type: 'symlink', link: '/var/tmp' },
      { name: 'way/mydocker-escaped', content: 'x' },
    ],
  ],
  [
    'a parent that is a link upwards',
    [
      { name: 'a/way', type: 'symlink', link: '../..' },
      { name: 'a/way/escaped', content: 'x' },
    ],
  ],
  ['a hard link to the outside', [{ name: 'passwd', type: 'hardlink', link: '../../../../../etc/passwd' }]],
  [
    'two entries of different types at one path',
    [
      { name: 'twice', content: 'x' },
      { name: 'twice', type: 'directory' },
    ],
  ],
  [
    'an entry below a file',
    [
      { name: 'file', content: 'x' },
      { name: 'file/below', content: 'x' },
    ],
  ],
  ['a device that hides what lies below', [{ name: 'hidden', type: 'character' }]],
  ['a whiteout of the parent', [{ name: '.wh...' }]],
];

for (const [what, members] of hostile) {
  test(`import refuses ${what} and leaves no trace`, async () => {
    const path = archive('hostile.tar', members);
    const before = storeFiles();
    const result = await sandbox.tryMydocker(['import', path, 'hostile']);
    expect(result.status).not.toBe(0);
    expect(result.stderr).toStartWith('error: ');
    expect(storeFiles()).toEqual(before);
    expect(existsSync('/var/tmp/mydocker-escaped')).toBe(false);
    expect(await sandbox.mydocker(['images', '-q', 'hostile'])).toBe('');
  });
}

test('import refuses what is cut off, and what is no archive', async () => {
  const whole = tarArchive([{ name: 'file', content: 'x'.repeat(5000) }]);
  const before = storeFiles();
  for (const [name, data] of [
    ['short.tar', whole.subarray(0, 2000)],
    ['no-end.tar', whole.subarray(0, whole.length - 1024)],
    ['short.tar.gz', gzipSync(whole).subarray(0, 60)],
    ['text', Buffer.from('this is no archive')],
    ['empty', Buffer.alloc(0)],
  ] as const) {
    const path = join(sandbox.directory, name);
    writeFileSync(path, data);
    const result = await sandbox.tryMydocker(['import', path, 'broken']);
    expect([name, result.status, result.stderr.startsWith('error: ')]).toEqual([name, 1, true]);
  }
  expect(storeFiles()).toEqual(before);
});

test('import keeps owners, modes, links and binary extended attributes; export gives them back', async () => {
  const capability = Uint8Array.from([1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0xff, 0xfe, 0x0a, 0x3d, 0, 0, 0, 0]);
  const path = archive('rootfs.tar', [
    { name: 'd', type: 'directory', mode: 0o1777, uid: 12, gid: 34 },
    {
      name: 'd/tool',
      content: 'tool',
      mode: 0o4755,
      uid: 1000,
      gid: 1001,
      xattrs: { 'security.capability': capability, 'user.note': capability },
    },
    { name: 'd/same', type: 'hardlink', link: 'd/tool' },
    { name: 'd/link', type: 'symlink', link: 'tool' },
  ]);
  const compressed = join(sandbox.directory, 'rootfs.tar.gz');
  writeFileSync(compressed, gzipSync(readFileSync(path)));
  await sandbox.mydocker(['import', '--change', 'CMD ["/d/tool"]', '--change', 'ENV A=1', '--message', 'made here', compressed, 'kept:1']);
  expect(await sandbox.mydocker(['image', 'inspect', '--format', '{{json .Config}}', 'kept:1'])).toContain('"Env":["A=1"]');
  expect(await sandbox.mydocker(['history', '--format', '{{.Comment}} {{.Size}}', 'kept:1'])).toBe('made here 4B');
  await sandbox.mydocker(['create', '--network', 'none', '--name', 'kept', 'kept:1']);
  const exported = join(sandbox.directory, 'exported.tar');
  await sandbox.mydocker(['export', '-o', exported, 'kept']);
  const bytes = readFileSync(exported).toString('latin1');
  expect(bytes).toContain(`SCHILY.xattr.security.capability=${Buffer.from(capability).toString('latin1')}`);
  await sandbox.mydocker(['import', exported, 'again:1']);
  await sandbox.mydocker(['create', '--network', 'none', '--name', 'again', 'again:1', 'x']);
  const listing = await sandbox.mydocker(['cp', 'again:/d/tool', '-']);
  expect(listing).toContain('SCHILY.xattr.user.note=');
  await sandbox.mydocker(['rm', 'kept', 'again']);
  await sandbox.mydocker(['rmi', 'kept:1', 'again:1']);
});

test('save and load bring an image back as it was, from a tar and from a tar.gz', async () => {
  const id = await sandbox.mydocker(['image', 'inspect', '--format', '{{.Id}}', 'busybox']);
  const path = join(sandbox.directory, 'saved.tar');
  await sandbox.mydocker(['tag', 'busybox', 'registry.example:5000/team/busybox:1']);
  await sandbox.mydocker(['save', '-o', path, 'busybox', 'registry.example:5000/team/busybox:1']);
  await sandbox.mydocker(['rmi', 'registry.example:5000/team/busybox:1', 'busybox']);
  expect(await sandbox.mydocker(['images', '-q'])).toBe('');
  expect(readdirSync(join(sandbox.dataRoot, 'layers'))).toEqual([]);
  expect(await sandbox.mydocker(['load', '-i', path])).toBe(
    'Loaded image: busybox:latest\nLoaded image: registry.example:5000/team/busybox:1',
  );
  expect(await sandbox.mydocker(['images', '--no-trunc', '--format', '{{.Repository}}:{{.Tag}} {{.ID}}'])).toBe(
    `busybox:latest ${id}\nregistry.example:5000/team/busybox:1 ${id}`,
  );
  await sandbox.mydocker(['rmi', 'registry.example:5000/team/busybox:1', 'busybox']);
  writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 1 }));
  await sandbox.mydocker(['load', '-q', '-i', `${path}.gz`]);
  expect(await sandbox.mydocker(['run', '--rm', '--network', 'none', 'busybox', 'echo', 'runs'])).toBe('runs');
  await sandbox.mydocker(['rmi', 'registry.example:5000/team/busybox:1']);
});

/** An archive as `docker save` wrote before it knew OCI layouts; `change` spoils a part of it. */
function dockerArchive(change: Partial<Record<'config' | 'layer' | 'manifest', string>> = {}): Buffer {
  const lower = tarArchive([
    { name: 'd', type: 'directory' },
    { name: 'd/gone', content: 'x' },
    { name: 'd/kept', content: 'x' },
    { name: 'o', type: 'directory' },
    { name: 'o/hidden', content: 'x' },
  ]);
  const upper = tarArchive([
    { name: 'd/.wh.gone' },
    { name: 'o', type: 'directory' },
    { name: 'o/.wh..wh..opq' },
    { name: 'o/new', content: change.layer ?? 'new' },
  ]);
  const honest = tarArchive([
    { name: 'd/.wh.gone' },
    { name: 'o', type: 'directory' },
    { name: 'o/.wh..wh..opq' },
    { name: 'o/new', content: 'new' },
  ]);
  const config = JSON.stringify({
    architecture: 'amd64',
    os: 'linux',
    config: {},
    rootfs: { type: 'layers', diff_ids: [`sha256:${digestOf(lower)}`, `sha256:${digestOf(honest)}`] },
  });
  const manifest = [{ Config: `${digestOf(config)}.json`, RepoTags: ['layered:1'], Layers: ['a/layer.tar', 'b/layer.tar'] }];
  return tarArchive([
    { name: `${digestOf(config)}.json`, content: change.config ?? config },
    { name: 'a/layer.tar', content: lower },
    { name: 'b/layer.tar', content: upper },
    { name: 'manifest.json', content: change.manifest ?? JSON.stringify(manifest) },
  ]);
}

test('load turns whiteouts and opaque directories into what a container sees', async () => {
  await sandbox.mydocker(['load'], { input: dockerArchive() });
  await sandbox.mydocker(['create', '--network', 'none', '--name', 'layered', 'layered:1', 'x']);
  const path = join(sandbox.directory, 'layered.tar');
  await sandbox.mydocker(['export', '-o', path, 'layered']);
  const names = readFileSync(path)
    .toString('latin1')
    .match(/(?:^|\0)((?:d|o)\/[a-z]*)\0/g)
    ?.map((name) => name.replaceAll('\0', ''));
  expect(names).toEqual(['d/', 'd/kept', 'o/', 'o/new']);
  await sandbox.mydocker(['rm', 'layered']);
  await sandbox.mydocker(['rmi', 'layered:1']);
});

test('load refuses an archive in which something is not what its digest says', async () => {
  const before = storeFiles();
  for (const [change, words] of [
    [{ config: '{}' }, 'digest'],
    [{ layer: 'tampered' }, 'digest'],
    [{ manifest: '[{"Config":"../../../etc/passwd","Layers":[]}]' }, 'outside|no file'],
    [{ manifest: 'no json' }, 'not JSON'],
    [{ manifest: '[]x' }, 'not JSON'],
  ] as const) {
    const result = await sandbox.tryMydocker(['load'], { input: dockerArchive(change) });
    expect(result.status).toBe(1);
    expect(result.stderr).toMatch(new RegExp(words));
  }
  expect(storeFiles()).toEqual(before);
});
