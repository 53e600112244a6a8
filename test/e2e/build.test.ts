import { expect, test } from 'bun:test';
import { useSandbox } from '../helpers/sandbox.ts';

const sandbox = useSandbox();

async function build(dockerfile: string, ...args: readonly string[]): Promise<string> {
  sandbox.write('Dockerfile', dockerfile);
  return sandbox.mydocker(['build', '-q', '-t', 'built', ...args, '.']);
}

async function inImage(...args: readonly string[]): Promise<string> {
  return sandbox.mydocker(['run', '--rm', '--network', 'none', 'built', ...args]);
}

test('stages, arguments, owners and modes reach the image; the context keeps what .dockerignore names', async () => {
  sandbox.write('src/a', 'a');
  sandbox.write('src/b.log', 'b');
  sandbox.write('.dockerignore', '**/*.log\n');
  await build(
    `ARG BASE=busybox
FROM \${BASE} AS make
ARG WHO=nobody
RUN --network=none echo "for $WHO" > /out && chown 5:6 /out
FROM busybox
COPY --from=make /out /kept
COPY --chown=7:8 --chmod=0600 src /in/
WORKDIR /w/sub
ENV GREETING="hello there"
CMD ["cat", "/kept"]
`,
    '--build-arg',
    'WHO=me',
  );
  expect(await inImage()).toBe('for me');
  expect(await inImage('stat', '-c', '%u:%g %a %n', '/kept', '/in/a')).toBe('5:6 644 /kept\n7:8 600 /in/a');
  expect(await inImage('sh', '-c', 'ls /in; pwd; echo $GREETING')).toBe('a\n/w/sub\nhello there');
});

test('a second build takes everything over and gives the same image; a changed file only what comes after it', async () => {
  const file =
    'FROM busybox\nRUN --network=none cat /proc/sys/kernel/random/uuid > /early\nCOPY f /f\nRUN --network=none cat /proc/sys/kernel/random/uuid > /late\n';
  sandbox.write('f', '1');
  const first = await build(file);
  const [early, late] = (await inImage('cat', '/early', '/late')).split('\n');
  expect(await build(file)).toBe(first);
  sandbox.write('f', '2');
  expect(await build(file)).not.toBe(first);
  const [earlyAgain, lateAgain] = (await inImage('cat', '/early', '/late')).split('\n');
  expect(earlyAgain).toBe(early ?? '');
  expect(lateAgain).not.toBe(late ?? '');
});

test('a secret is there for its RUN and nowhere in the image', async () => {
  sandbox.write('token', 'hush');
  await build(
    'FROM busybox\nRUN --network=none --mount=type=secret,id=t cat /run/secrets/t | wc -c > /size\n',
    '--secret',
    'id=t,src=token',
  );
  expect(await inImage('sh', '-c', 'cat /size; cat /run/secrets/t 2>/dev/null | wc -c')).toBe('4\n0');
});

test('a link in the context that leads out takes nothing from the host', async () => {
  sandbox.write('src/x', '');
  await sandbox.mydocker([
    'run',
    '--rm',
    '--network',
    'none',
    '-v',
    `${sandbox.directory}:/c`,
    'busybox',
    'ln',
    '-s',
    '/etc/hostname',
    '/c/leak',
  ]);
  sandbox.write('Dockerfile', 'FROM busybox\nCOPY leak /leak\n');
  const { status, stdout } = await sandbox.tryMydocker(['build', '-q', '.']);
  expect([status === 0, stdout]).toEqual([false, '']);
});

test.each([
  ['RUN --network=none exit 3', 'exit code: 3'],
  ['COPY nosuch /x', '"nosuch" is not there'],
  ['FROBNICATE x', 'unknown instruction: FROBNICATE'],
])('%s fails with its line and registers nothing', async (instruction, message) => {
  sandbox.write('Dockerfile', `FROM busybox\n${instruction}\n`);
  const { status, stderr } = await sandbox.tryMydocker(['build', '-t', 'broken', '.']);
  expect(status).not.toBe(0);
  expect(stderr).toContain(message);
  expect(stderr).toContain('Dockerfile:2');
  expect((await sandbox.tryMydocker(['image', 'inspect', 'broken'])).status).not.toBe(0);
});
