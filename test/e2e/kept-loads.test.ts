import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'bun:test';
import { useSandbox } from '../helpers/sandbox.ts';

const sandbox = useSandbox();

const FILE = `name: demo
services:
  web: {image: busybox, init: true, network_mode: none, command: sleep 1d, environment: ["TAG=\${TAG:-none}"]}
`;
const EXEC = ['exec', '-T', 'web', 'sh', '-c', 'echo $TAG; exit 7'];

function kept(): readonly string[] {
  const folder = join(sandbox.runRoot, 'loads');
  return existsSync(folder) ? readdirSync(folder) : [];
}

test('commands take what up has loaded; a file that was broken since is refused as ever; nothing stays after down', async () => {
  await sandbox.importBusybox();
  sandbox.write('compose.yaml', FILE);
  expect((await sandbox.tryCompose(['ps'])).status).toBe(0);
  // A project that is only looked at leaves nothing.
  expect(kept()).toEqual([]);
  await sandbox.compose(['up', '-d']);
  const files = kept();
  expect(files).toEqual([expect.stringMatching(/^demo\.[0-9a-f]{16}\.json$/)]);
  expect(await sandbox.tryCompose(EXEC)).toMatchObject({ status: 7, stdout: 'none\n' });
  await sandbox.compose(['ps']);
  expect(kept()).toEqual(files);

  sandbox.write('compose.yaml', `${FILE}  broken: {imag: busybox}\n`);
  const refused = await sandbox.tryCompose(EXEC);
  expect(refused.status).toBe(1);
  expect(refused.stderr).toContain('compose.yaml:4:12');

  sandbox.write('compose.yaml', FILE);
  sandbox.write('.env', 'TAG=new\n');
  expect(await sandbox.compose(['plan'])).toContain('services.web.environment.TAG changed: "none" -> "new"');
  await sandbox.compose(['up', '-d']);
  expect(await sandbox.tryCompose(EXEC)).toMatchObject({ status: 7, stdout: 'new\n' });
  await sandbox.compose(['down']);
  expect(kept()).toEqual([]);
});

test('exec looks at nothing but its container, and takes the long way where that is not enough', async () => {
  await sandbox.importBusybox();
  sandbox.write('compose.yaml', FILE);
  await sandbox.compose(['up', '-d']);
  const id = (await sandbox.mydocker(['ps', '--no-trunc', '-q'])).trim();
  // Whoever looks at networks says that this one is broken.
  mkdirSync(join(sandbox.dataRoot, 'networks', 'broken'));
  writeFileSync(join(sandbox.dataRoot, 'networks', 'broken', 'meta.json'), '{');
  expect(await sandbox.tryCompose(EXEC)).toMatchObject({ status: 7, stdout: 'none\n', stderr: '' });
  rmSync(join(sandbox.dataRoot, 'networks', 'broken'), { recursive: true });

  const state = join(sandbox.runRoot, 'containers', id, 'state.json');
  const { seal, ...rest } = JSON.parse(readFileSync(state, 'utf8')) as Record<string, unknown>;
  expect(seal).toMatch(/^[0-9a-f]{16}$/);
  writeFileSync(state, JSON.stringify(rest));
  expect(await sandbox.tryCompose(EXEC)).toMatchObject({ status: 7, stdout: 'none\n', stderr: '' });
  await sandbox.compose(['pause']);
  expect((await sandbox.tryCompose(EXEC)).stderr).toContain('is paused');
  await sandbox.compose(['unpause']);
  await sandbox.compose(['kill']);
  expect((await sandbox.tryCompose(EXEC)).stderr).toContain('is not running');
  await sandbox.compose(['down']);
});

test('exec finds the container that its service has, whatever else bears the name', async () => {
  await sandbox.importBusybox();
  sandbox.write(
    'compose.yaml',
    'services: {web: {image: busybox, init: true, network_mode: none, command: sleep 1d, scale: 3}}\nname: demo\n',
  );
  await sandbox.compose(['up', '-d']);
  const hostname = async (...flags: readonly string[]): Promise<string> => sandbox.compose(['exec', '-T', ...flags, 'web', 'hostname']);
  const idOf = async (name: string): Promise<string> =>
    (await sandbox.mydocker(['ps', '-a', '--no-trunc', '--filter', `name=${name}`, '-q'])).slice(0, 12);
  expect(await hostname()).toBe(await idOf('demo-web-1'));
  expect(await hostname('--index', '3')).toBe(await idOf('demo-web-3'));
  // The first that runs, when the first does not.
  await sandbox.mydocker(['stop', '-t', '0', 'demo-web-1']);
  expect(await hostname()).toBe(await idOf('demo-web-2'));
  // A stranger with the name of the first, and the first under another.
  await sandbox.mydocker(['rename', 'demo-web-1', 'elsewhere']);
  await sandbox.mydocker(['run', '-d', '--init', '--network', 'none', '--name', 'demo-web-1', 'busybox', 'sleep', '1d']);
  await sandbox.mydocker(['start', 'elsewhere']);
  expect(await hostname()).toBe(await idOf('elsewhere'));
  await sandbox.compose(['down', '-t', '0']);
});
