import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { useSandbox } from '../helpers/sandbox.ts';

const sandbox = useSandbox();
const env = { DOCKER_CONFIG: '' };
const SHOW = 'env | grep -i _proxy | sort | tr "\\n" " "';
const settle = (): void => {
  env.DOCKER_CONFIG = join(sandbox.directory, 'docker');
  sandbox.write(
    'docker/config.json',
    JSON.stringify({ proxies: { default: { httpProxy: 'http://proxy:1', noProxy: 'local', ftpProxy: '' } } }),
  );
};

test('proxies of the client configuration are variables of containers, under those of the service; a change makes none anew', async () => {
  settle();
  sandbox.write(
    'compose.yaml',
    `
name: proxies
services:
  plain: {image: busybox, command: [sleep, "100"], init: true}
  own: {image: busybox, command: [sleep, "100"], init: true, environment: {HTTP_PROXY: mine, NO_PROXY: }}
`,
  );
  await sandbox.compose(['up', '-d', '-t', '0'], { env });
  expect(await sandbox.compose(['exec', '-T', 'plain', 'sh', '-c', SHOW])).toBe(
    'HTTP_PROXY=http://proxy:1 NO_PROXY=local http_proxy=http://proxy:1 no_proxy=local',
  );
  expect(await sandbox.compose(['exec', '-T', 'own', 'sh', '-c', SHOW])).toBe('HTTP_PROXY=mine http_proxy=http://proxy:1 no_proxy=local');
  sandbox.write('docker/config.json', '{"proxies": {"default": {"httpProxy": "http://other:1"}}}');
  const again = await sandbox.tryCompose(['--progress', 'plain', 'up', '-d', '-t', '0'], { env });
  expect([again.status, again.stdout + again.stderr]).toEqual([0, expect.not.stringContaining('Recreat') as string]);
  await sandbox.compose(['down', '-t', '0']);
});

test('run, create and builds have them too; a broken configuration is told and gives none', async () => {
  settle();
  const run = ['run', '--rm', '--network', 'none'];
  expect(await sandbox.mydocker([...run, '-e', 'no_proxy=x', 'busybox', 'sh', '-c', SHOW], { env })).toBe(
    'HTTP_PROXY=http://proxy:1 NO_PROXY=local http_proxy=http://proxy:1 no_proxy=x',
  );
  sandbox.write('image/Dockerfile', `FROM busybox\nRUN ${SHOW} > /seen\n`);
  await sandbox.mydocker(['build', '-q', '-t', 'proxied', '--build-arg', 'NO_PROXY=arg', 'image'], { env });
  expect(await sandbox.mydocker([...run, 'proxied', 'cat', '/seen'])).toBe(
    'HTTP_PROXY=http://proxy:1 NO_PROXY=arg http_proxy=http://proxy:1 no_proxy=local',
  );
  expect(await sandbox.mydocker([...run, 'proxied', 'sh', '-c', `${SHOW}; true`])).toBe('');
  expect(await sandbox.mydocker(['image', 'inspect', 'proxied'])).not.toContain('proxy:1');
  sandbox.write('docker/config.json', '{"proxies":');
  const broken = await sandbox.tryMydocker([...run, 'busybox', 'echo', 'runs'], { env });
  expect([broken.status, broken.stdout, broken.stderr]).toEqual([
    0,
    'runs\n',
    expect.stringMatching(/warning: .*docker\/config.json is not JSON: no proxies are set in containers/) as string,
  ]);
});
