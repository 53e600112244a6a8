import { expect, test } from 'bun:test';
import { startRegistry } from '../helpers/registry-container.ts';
import { useSandbox } from '../helpers/sandbox.ts';

const sandbox = useSandbox();

const imageId = async (name: string): Promise<string> => sandbox.mydocker(['image', 'inspect', '-f', '{{.Id}}', name]);

test('what a project built is pushed, and pulled again as the very same image', async () => {
  const registry = await startRegistry(sandbox, 18451);
  const service = (word: string): string =>
    `{image: ${registry}/team/${word}:1, build: {dockerfile_inline: "FROM busybox\\nRUN echo ${word} > /word"}}`;
  sandbox.write(
    'compose.yaml',
    `name: demo\nservices: {one: ${service('one')}, two: ${service('two')}, plain: {image: busybox, pull_policy: never}}\n`,
  );
  await sandbox.compose(['build']);
  const before = await imageId(`${registry}/team/one:1`);
  const pushed = await sandbox.tryCompose(['--progress', 'plain', 'push']);
  expect(pushed.status).toBe(0);
  expect(pushed.stderr).toContain('two');
  expect(pushed.stderr).not.toContain('busybox');
  await sandbox.mydocker(['rmi', `${registry}/team/one:1`, `${registry}/team/two:1`]);
  expect((await sandbox.tryMydocker(['image', 'inspect', `${registry}/team/one:1`])).status).toBe(1);
  await sandbox.compose(['pull', '--ignore-buildable']);
  expect((await sandbox.tryMydocker(['image', 'inspect', `${registry}/team/one:1`])).status).toBe(1);
  await sandbox.compose(['pull', 'one', 'two']);
  expect(await imageId(`${registry}/team/one:1`)).toBe(before);
  expect(await sandbox.compose(['run', '--rm', '-T', 'two', 'cat', '/word'])).toBe('two');
  await sandbox.compose(['down', '--rmi', 'all']);
  await sandbox.importBusybox();
}, 60_000);

test('pull_policy and --pull say when a registry is asked', async () => {
  const registry = await startRegistry(sandbox, 18452);
  const name = `${registry}/app:1`;
  const publish = async (word: string): Promise<string> => {
    sandbox.write('Dockerfile', `FROM busybox\nRUN echo ${word} > /word\nCMD ["sleep", "1d"]\n`);
    await sandbox.mydocker(['build', '-q', '-t', name, '.']);
    await sandbox.mydocker(['push', '-q', name]);
    return imageId(name);
  };
  const file = (policy: string): void => {
    sandbox.write('compose.yaml', `name: demo\nservices: {app: {image: "${name}", init: true, pull_policy: ${policy}}}\n`);
  };
  const first = await publish('first');
  const second = await publish('second');
  await sandbox.mydocker(['rmi', '-f', name]);
  file('never');
  const refused = await sandbox.tryCompose(['up', '-d']);
  expect({ status: refused.status, named: refused.stderr.includes(name) }).toEqual({ status: 1, named: true });
  file('missing');
  await sandbox.compose(['up', '-d']);
  expect(await imageId(name)).toBe(second);
  await publish('third');
  await sandbox.mydocker(['tag', second, name]);
  await sandbox.compose(['up', '-d']);
  expect(await sandbox.compose(['exec', '-T', 'app', 'cat', '/word'])).toBe('second');
  await sandbox.compose(['up', '-d', '--pull', 'always', '--quiet-pull', '-t', '0']);
  expect(await sandbox.compose(['exec', '-T', 'app', 'cat', '/word'])).toBe('third');
  expect(first).not.toBe(second);
  await sandbox.compose(['down', '-t', '0', '--rmi', 'all']);
}, 60_000);

test('a pull that cannot be done is an error of its own service; --ignore-pull-failures goes on', async () => {
  const registry = await startRegistry(sandbox, 18453);
  await sandbox.mydocker(['tag', 'busybox', `${registry}/there:1`]);
  await sandbox.mydocker(['push', `${registry}/there:1`]);
  await sandbox.mydocker(['rmi', `${registry}/there:1`]);
  sandbox.write('compose.yaml', `name: demo\nservices: {a: {image: "${registry}/there:1"}, b: {image: "${registry}/not-there:1"}}\n`);
  const { status, stderr } = await sandbox.tryCompose(['pull']);
  expect(status).toBe(1);
  expect(stderr).toContain(`${registry}/not-there:1`);
  const tolerant = await sandbox.tryCompose(['pull', '--ignore-pull-failures']);
  expect(tolerant.status).toBe(0);
  expect(tolerant.stderr).toContain('could not be pulled: ');
  expect((await sandbox.tryMydocker(['image', 'inspect', `${registry}/there:1`])).status).toBe(0);
  expect((await sandbox.tryCompose(['push', 'nosuch'])).stderr).toContain('no such service: nosuch');
  await sandbox.mydocker(['rmi', `${registry}/there:1`]);
}, 60_000);
