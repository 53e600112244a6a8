import { afterEach, beforeEach, expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { startFakeRegistry, type FakeRegistry } from '../helpers/fake-registry.ts';
import { useSandbox } from '../helpers/sandbox.ts';
import { tarArchive } from '../helpers/tar-archive.ts';

const sandbox = useSandbox();
let registry: FakeRegistry;

const first = tarArchive([{ name: 'a', content: 'first '.repeat(2000) }]);
const second = tarArchive([{ name: 'b', content: 'second' }]);
const layers = [
  { data: gzipSync(first, { level: 0 }), mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip' },
  { data: zstdCompressSync(second), mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd' },
];
const digestOf = (data: Uint8Array): string => `sha256:${createHash('sha256').update(data).digest('hex')}`;
const config = {
  architecture: 'amd64',
  os: 'linux',
  config: { Cmd: ['/a'], Env: ['PULLED=1'] },
  rootfs: { type: 'layers', diff_ids: [digestOf(first), digestOf(second)] },
};

beforeEach(async () => {
  registry = await startFakeRegistry();
  registry.addImage('1', config, layers);
});
afterEach(() => registry.close());

const name = (): string => `${registry.address}/team/app:1`;
const blobsAsked = (): readonly string[] => registry.requests.filter((path) => path.includes('/blobs/'));

test('pull asks for a token, takes this platform’s image, unpacks gzip and zstd, and fetches nothing twice', async () => {
  const said = await sandbox.mydocker(['pull', name()]);
  expect(said).toContain(`Status: Downloaded newer image for ${name()}`);
  expect(await sandbox.mydocker(['image', 'inspect', '--format', '{{json .RootFS.Layers}}', name()])).toBe(
    JSON.stringify(config.rootfs.diff_ids),
  );
  await sandbox.mydocker(['create', '--network', 'none', '--name', 'pulled', name()]);
  expect(await sandbox.mydocker(['cp', 'pulled:/b', '-'])).toContain('second');
  await sandbox.mydocker(['rm', 'pulled']);
  const count = blobsAsked().length;
  expect(await sandbox.mydocker(['pull', name()])).toContain('Status: Image is up to date');
  expect(blobsAsked().length).toBe(count);
  const digest = await sandbox.mydocker(['image', 'inspect', '--format', '{{json .RepoDigests}}', name()]);
  expect(digest).toContain(`${registry.address}/team/app@sha256:`);
  await sandbox.mydocker(['rmi', name()]);
  expect(await sandbox.mydocker(['images', '-q', `${registry.address}/team/app`])).toBe('');
});

test('a download that breaks off is taken up again', async () => {
  const blob = digestOf(layers[0]!.data);
  registry.mischief.set(blob, 'break');
  await sandbox.mydocker(['pull', '-q', name()]);
  expect(registry.requests.filter((path) => path.endsWith(blob)).length).toBeGreaterThan(1);
  await sandbox.mydocker(['rmi', name()]);
});

test('what is not what its digest says is refused, and nothing is registered', async () => {
  const files = (): readonly string[] => readdirSync(join(sandbox.dataRoot, 'images', 'blobs', 'sha256')).sort();
  const before = files();
  registry.mischief.set(digestOf(layers[1]!.data), 'lie');
  const result = await sandbox.tryMydocker(['pull', name()]);
  expect(result.status).toBe(1);
  expect(result.stderr).toContain('in place of sha256:');
  expect(files()).toEqual(before);
  expect(readdirSync(join(sandbox.dataRoot, 'tmp'))).toEqual([]);
});

test('an image or a registry that is not there is an error that names it', async () => {
  const missing = await sandbox.tryMydocker(['pull', `${registry.address}/team/app:none`]);
  expect([missing.status, missing.stderr]).toEqual([1, expect.stringContaining('team/app') as string]);
  const unreachable = await sandbox.tryMydocker(['run', '--rm', '127.0.0.1:1/team/app', 'true']);
  expect([unreachable.status, unreachable.stderr]).toEqual([125, expect.stringContaining('no such image: 127.0.0.1:1/team/app') as string]);
});

test('run pulls an image that is not here, and --pull never does not', async () => {
  const never = await sandbox.tryMydocker(['create', '--pull', 'never', '--name', 'pulled', name()]);
  expect(never.status).toBe(125);
  await sandbox.mydocker(['create', '--network', 'none', '--name', 'pulled', name()]);
  expect(await sandbox.mydocker(['inspect', '--format', '{{json .Config.Env}}', 'pulled'])).toContain('PULLED=1');
  await sandbox.mydocker(['rm', 'pulled']);
  await sandbox.mydocker(['rmi', name()]);
});
