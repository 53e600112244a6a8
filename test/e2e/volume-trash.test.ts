import { expect, test } from 'bun:test';
import { useSandbox } from '../helpers/sandbox.ts';

const sandbox = useSandbox();

const FILE = `
name: demo
services:
  a: {image: busybox, command: sleep 1d, init: true, volumes: ["data:/d", "empty:/e", /anonymous]}
volumes: {data: , empty: }
`;

async function upWithData(text = FILE): Promise<void> {
  sandbox.write('compose.yaml', text);
  await sandbox.compose(['up', '-d']);
  await sandbox.compose(['exec', '-T', 'a', 'sh', '-c', 'echo kept > /d/file']);
}

async function trashed(): Promise<{ readonly Name: string; readonly ID: string }[]> {
  const text = await sandbox.mydocker(['volume', 'trash', 'ls', '--format', 'json']);
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
}

test('what `down --volumes` removed comes back whole', async () => {
  await upWithData();
  const { stderr } = await sandbox.tryCompose(['down', '--volumes', '-t', '0']);
  expect(stderr).toContain('mydocker volume trash restore demo_data');
  expect(await sandbox.mydocker(['volume', 'ls', '-q'])).toBe('');
  expect((await trashed()).map(({ Name }) => Name)).toEqual(['demo_data']);
  expect(await sandbox.mydocker(['volume', 'trash', 'restore', 'demo_data'])).toBe('demo_data');
  await sandbox.compose(['up', '-d']);
  expect(await sandbox.compose(['exec', '-T', 'a', 'cat', '/d/file'])).toBe('kept');
  await sandbox.compose(['down', '-v', '-t', '0']);
  await sandbox.mydocker(['volume', 'trash', 'empty', '-f']);
  expect(await trashed()).toEqual([]);
});

test('a name that is taken again is not overwritten; another name may be given', async () => {
  await upWithData();
  await sandbox.compose(['down', '-v', '-t', '0']);
  await sandbox.mydocker(['volume', 'create', 'demo_data']);
  const refused = await sandbox.tryMydocker(['volume', 'trash', 'restore', 'demo_data']);
  expect(refused.stderr).toContain('there is a volume demo_data already');
  expect(refused.status).not.toBe(0);
  await sandbox.mydocker(['volume', 'trash', 'restore', '--name', 'rescued', 'demo_data']);
  expect(await sandbox.mydocker(['run', '--rm', '--network', 'none', '-v', 'rescued:/d', 'busybox', 'cat', '/d/file'])).toBe('kept');
  await sandbox.mydocker(['volume', 'rm', 'rescued', 'demo_data']);
  await sandbox.mydocker(['volume', 'trash', 'empty', '-f']);
});

test('MYDOCKER_TRASH_DAYS=0 removes for good', async () => {
  await upWithData();
  await sandbox.compose(['down', '-v', '-t', '0'], { env: { MYDOCKER_TRASH_DAYS: '0' } });
  expect(await trashed()).toEqual([]);
});

test('a protected volume refuses, and nothing of the project is taken down', async () => {
  await upWithData(FILE.replace('data: ,', 'data: {x-mydocker: {protected: true}},'));
  const refused = await sandbox.tryCompose(['down', '-v', '-t', '0']);
  expect(refused.stderr).toContain('volume demo_data is protected');
  expect(refused.status).not.toBe(0);
  expect(await sandbox.compose(['ps', '-q'])).not.toBe('');
  await sandbox.compose(['down', '-t', '0']);
  for (const args of [
    ['volume', 'rm', 'demo_data'],
    ['volume', 'prune', '-a', '-f'],
  ])
    await sandbox.tryMydocker(args);
  expect(await sandbox.mydocker(['volume', 'ls', '-q'])).toContain('demo_data');
  await sandbox.mydocker(['volume', 'unprotect', 'demo_data']);
  await sandbox.mydocker(['volume', 'rm', 'demo_data']);
  await sandbox.mydocker(['volume', 'trash', 'empty', '-f']);
});
