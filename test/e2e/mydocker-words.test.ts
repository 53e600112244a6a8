import { expect, test } from 'bun:test';
import { useSandbox } from '../helpers/sandbox.ts';

const sandbox = useSandbox();
const status = async (...args: readonly string[]): Promise<number> => (await sandbox.tryMydocker([...args])).status;
const RUN = ['run', '--rm', '--network', 'none'];

test('a flag that is not known is 125, other wrong words are 1, as with docker', async () => {
  expect(await status('run', '--no-such-flag', 'busybox')).toBe(125);
  for (const words of [
    ['run'],
    ['exec', 'x'],
    ['rm'],
    ['logs'],
    ['no-such-verb'],
    ['container', 'no-such-verb'],
    ['inspect', '--type', 'x', 'y'],
  ]) {
    expect([words, await status(...words)]).toEqual([words, 1]);
  }
  expect(await status('create', '--name', 'a/b', 'busybox', 'true')).toBe(1);
  expect(await status('run', '--name', 'a/b', 'busybox', 'true')).toBe(125);
});

test.each([
  [['--health-interval', 'soon'], '--health-interval'],
  [['--platform', 'linux/s390x', '--pull', 'never'], 'linux/s390x'],
  [['--runtime', 'runsc'], 'unknown or invalid runtime name: runsc'],
  [['--userns', 'keep'], 'invalid USER mode'],
  [['--add-host', 'alone'], 'bad format'],
  [['--link', 'nobody'], 'no such container: nobody'],
  [['--cidfile', '/etc/passwd'], 'container ID file found: /etc/passwd'],
])('run %p is refused', async (flags, message) => {
  const result = await sandbox.tryMydocker([...RUN, ...flags, 'busybox', 'true']);
  expect([result.status, result.stderr]).toEqual([125, expect.stringContaining(message) as string]);
});

test('below `container` the words after the image are the program’s, too', async () => {
  expect(await sandbox.mydocker(['container', ...RUN, 'busybox', 'echo', '--rm', '-q'])).toBe('--rm -q');
});

test('published ports, networks of their own names, states that exist', async () => {
  await sandbox.mydocker(['run', '-d', '--name', 'web', '-p', '127.0.0.1::80', '-p', '127.0.0.1::81/udp', 'busybox', 'sleep', '1000']);
  expect(await sandbox.mydocker(['port', 'web'])).toMatch(/^80\/tcp -> 127\.0\.0\.1:\d+\n81\/udp -> 127\.0\.0\.1:\d+$/);
  expect(await sandbox.mydocker(['port', 'web', '81/udp'])).toMatch(/^127\.0\.0\.1:\d+$/);
  expect((await sandbox.tryMydocker(['port', 'web', '82'])).stderr).toContain("no public port '82/tcp' published for web");
  await sandbox.mydocker(['run', '-d', '--name', 'alone', '--network', 'none', 'busybox', 'sleep', '1000']);
  expect(await sandbox.mydocker(['ps', '--filter', 'network=none', '--format', '{{.Names}} {{.Networks}}'])).toBe('alone none');
  expect((await sandbox.tryMydocker(['ps', '--filter', 'status=asleep'])).stderr).toContain('must be one of created, running');
  expect(await status('inspect', '-f', '{{.State.Health.Status}}', 'alone')).toBe(1);
  expect(await sandbox.mydocker(['inspect', '-f', '{{if .State.Health}}yes{{else}}no{{end}} {{json .Config.Healthcheck}}', 'alone'])).toBe(
    'no null',
  );
  expect((await sandbox.tryMydocker(['update', 'alone'])).stderr).toContain('one or more flags');
  await sandbox.mydocker(['rm', '-f', 'web', 'alone']);
});

test('what the disk is used for, and who is asked', async () => {
  expect(await sandbox.mydocker(['system', 'df', '--format', '{{.Type}} {{.TotalCount}}'])).toMatch(
    /^Images [1-9]\d*\nContainers 0\nLocal Volumes 0$/,
  );
  expect(await sandbox.mydocker(['version', '--format', '{{.Server.Os}} {{.Client.Os}}'])).toBe('linux linux');
  expect(await sandbox.mydocker(['info', '--format', '{{.OSType}} {{.CgroupVersion}}'])).toMatch(/^linux [12]$/);
});

test('--details shows what the log’s options name', async () => {
  await sandbox.mydocker([
    'run',
    '--name',
    'told',
    '--network',
    'none',
    '--log-opt',
    'labels=team',
    '--log-opt',
    'env=STAGE',
    '--label',
    'team=red',
    '-e',
    'STAGE=a b',
    'busybox',
    'echo',
    'line',
  ]);
  expect(await sandbox.mydocker(['logs', '--details', 'told'])).toBe('STAGE=a%20b,team=red line');
  await sandbox.mydocker(['rm', 'told']);
});
