import { expect, test } from 'bun:test';
import { chmodSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
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

test('arguments of a stage reach the stages on top of it; of ARG and ENV the later one counts', async () => {
  await build(`ARG G=global
FROM busybox AS a
ARG G
ARG A=1
ENV E=env
FROM a
ARG E=arg
ARG B=b
ENV B=set
ENV SEEN=$A-$G-$E-$B
RUN --network=none echo "$A $G $E $B" > /run.txt
RUN --network=none << END
["not", "a", "list"] 2>/dev/null
echo script >> /run.txt
END
`);
  expect(await inImage('sh', '-c', 'cat /run.txt; echo $SEEN $E ${A-none}')).toBe('1 global arg set\nscript\n1-global-arg-set env none');
});

test('a mistake anywhere in the Dockerfile is told before the first step', async () => {
  sandbox.write('Dockerfile', 'FROM busybox AS one\nNOSUCH x\nFROM busybox\nRUN --network=none echo made\n');
  const { status, stderr } = await sandbox.tryMydocker(['build', '.']);
  expect(stderr).toContain('NOSUCH x: unknown instruction: NOSUCH');
  expect(stderr).toMatch(/Dockerfile:2:1/);
  expect(stderr).not.toContain('RUN');
  expect(status).toBe(1);
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

test('what only a RUN needs leaves nothing behind: mount points, secrets as variables, proxies', async () => {
  sandbox.write('token', 's3cret');
  await build(
    `FROM busybox
RUN --mount=type=secret,id=token,env=TOKEN --mount=type=tmpfs,target=/scratch/deep --mount=target=/context \\
  echo "$TOKEN $http_proxy $HTTP_PROXY" > /seen && ls /context >> /seen
RUN env > /second
`,
    '--secret',
    'id=token,src=token',
    '--build-arg',
    'http_proxy=http://proxy.invalid',
  );
  expect(await inImage('cat', '/seen')).toBe('s3cret http://proxy.invalid http://proxy.invalid\nDockerfile\ntoken');
  expect(await inImage('sh', '-c', 'ls -d /scratch /context /run/secrets 2>/dev/null; grep -ciE "token|x-proxy" /second; true')).toBe('0');
  const history = await sandbox.mydocker(['history', '--no-trunc', '--format', '{{.CreatedBy}}', 'built']);
  expect(history).toContain('RUN /bin/sh -c env > /second # buildkit');
});

test('platform arguments, expansions of parts, symbolic modes, a PATH to add to', async () => {
  sandbox.write('tool', '#!/bin/sh\n');
  await build(
    `FROM --platform=$BUILDPLATFORM busybox AS base
ARG TARGETARCH TARGETOS
ENV PATH=/opt/bin:$PATH FILE=archive.tar.gz
ENV STEM=\${FILE%%.*} REST=\${FILE#*.} DASHED=\${FILE//./-}
RUN echo "$TARGETOS/$TARGETARCH $STEM $REST $DASHED" > /made
COPY --chmod=u=rwx,go= tool /opt/bin/
COPY no-such-*.txt /none/
`,
  );
  const arch = await sandbox.mydocker(['image', 'inspect', '--format', '{{.Architecture}}', 'built']);
  expect(await inImage('cat', '/made')).toBe(`linux/${arch} archive tar.gz archive-tar-gz`);
  expect(await inImage('sh', '-c', 'stat -c %a /opt/bin/tool; echo $PATH; test -e /none || echo none')).toMatch(
    /^700\n\/opt\/bin:\/usr\/local\/sbin:.*\nnone$/,
  );
});

test('a folder that is copied over another gives its modes to what is below it', async () => {
  sandbox.write('tree/sub/file', '');
  await build('FROM busybox\nRUN mkdir -p /in/sub && chmod 700 /in /in/sub\nCOPY tree /in\nUSER 5:6\nWORKDIR /own/deep\nUSER 0\n');
  expect(await inImage('stat', '-c', '%a %u:%g', '/in', '/in/sub', '/own/deep')).toBe('700 0:0\n755 0:0\n755 5:6');
});

test.each([
  ['a stage that copies from itself', 'FROM busybox AS me\nCOPY --from=me /a /b\n', 'circular dependency detected on stage: me'],
  ['two stages that need each other', 'FROM busybox AS a\nCOPY --from=b /x /y\nFROM a AS b\nRUN true\n', 'circular dependency'],
  ['a stage name that begins with a digit', 'FROM busybox AS 1st\n', 'invalid name for build stage: "1st"'],
  ['a stop signal that is none', 'FROM busybox\nSTOPSIGNAL SIGNONE\n', 'invalid signal'],
  ['a checksum of a file of the context', `FROM busybox\nADD --checksum=sha256:${'0'.repeat(64)} Dockerfile /\n`, 'downloaded only'],
  ['a mode that means nothing', 'FROM busybox\nCOPY --chmod=9z Dockerfile /\n', '--chmod=9z is neither'],
])('%s is refused', async (_name, dockerfile, message) => {
  sandbox.write('Dockerfile', dockerfile);
  const result = await sandbox.tryMydocker(['build', '-t', 'built', '.']);
  expect([result.status, result.stderr]).toEqual([1, expect.stringContaining(message) as string]);
});

test('a trigger with a heredoc runs in the image built on top; a label does not spoil the cache', async () => {
  await build('FROM busybox\nONBUILD RUN <<END\necho triggered > /t\nEND\n');
  await sandbox.mydocker(['tag', 'built', 'base:triggers']);
  await build('FROM base:triggers\nRUN cat /t > /u; cat /proc/sys/kernel/random/uuid > /random\n');
  const first = await inImage('cat', '/u', '/random');
  expect(first).toStartWith('triggered\n');
  await build('FROM base:triggers\nLABEL further=1\nRUN cat /t > /u; cat /proc/sys/kernel/random/uuid > /random\n');
  expect(await inImage('cat', '/u', '/random')).toBe(first);
  await sandbox.mydocker(['rmi', 'base:triggers']);
});

test('a layer that an image has twice does no harm', async () => {
  const step = 'RUN mkdir -p /same && touch -d @1000000000 /same/file /same /\n';
  await build(`FROM busybox\n${step}RUN rm -r /same && touch -d @1000000000 /\n${step}`);
  expect(await inImage('ls', '/same')).toBe('file');
});

test('a Dockerfile from standard input, without a context; the id in a file', async () => {
  await sandbox.mydocker(['build', '-q', '-t', 'built', '--iidfile', 'id.txt', '-'], { input: 'FROM busybox\nRUN echo piped > /p\n' });
  expect(await inImage('cat', '/p')).toBe('piped');
  expect(readFileSync(join(sandbox.directory, 'id.txt'), 'utf8')).toBe(
    await sandbox.mydocker(['image', 'inspect', '--format', '{{.Id}}', 'built']),
  );
});

test('services that share steps build at the same time, and each step is made once', async () => {
  const shared = 'FROM busybox\\nRUN cat /proc/sys/kernel/random/uuid > /id\\n';
  const service = (more: string): string => `{build: {dockerfile_inline: "${shared}${more}"}}`;
  sandbox.write('compose.yaml', `name: demo\nservices: {a: ${service('')}, b: ${service('')}, c: ${service('RUN echo more > /more')}}\n`);
  await sandbox.compose(['build']);
  const ids = await Promise.all(['a', 'b', 'c'].map((name) => sandbox.mydocker(['run', '--rm', `demo-${name}`, 'cat', '/id'])));
  expect(new Set(ids).size).toBe(1);
  await sandbox.compose(['build', '--no-cache']);
  expect(await sandbox.mydocker(['run', '--rm', 'demo-a', 'cat', '/id'])).not.toBe(ids[0]);
  await sandbox.mydocker(['rmi', 'demo-a', 'demo-b', 'demo-c']);
});

test('--parents keeps the folders of a source, from its pivot on, with their modes', async () => {
  sandbox.write('a/b/x.txt', 'x');
  sandbox.write('a/b/y.md', '');
  sandbox.write('a/z/q/w.txt', 'w');
  sandbox.write('c/d/e.txt', 'e');
  chmodSync(join(sandbox.directory, 'a/b'), 0o750);
  await build('FROM busybox\nCOPY --parents ./a/b/*.txt ./c/./d/e.txt /dst/\nCOPY --parents --chown=5 **/*.txt /all/\n');
  expect(await inImage('sh', '-c', 'cd /dst; find . -type f | sort; stat -c "%a %u" /dst/a/b')).toBe('./a/b/x.txt\n./d/e.txt\n750 0');
  expect(await inImage('sh', '-c', 'cd /all; find . -type f | sort; stat -c %u /all/a/z')).toBe(
    './a/b/x.txt\n./a/z/q/w.txt\n./c/d/e.txt\n5',
  );
});

test('an insecure RUN has all privileges when they were allowed, and is refused when not', async () => {
  const file =
    'FROM busybox\nRUN --security=insecure --network=none mount -t tmpfs none /mnt || (mkdir /m && mount -t tmpfs none /m) && touch /mounted\n';
  await build(file, '--allow', 'security.insecure');
  expect(await inImage('ls', '/mounted')).toBe('/mounted');
  const { status, stderr } = await sandbox.tryMydocker(['build', '.']);
  expect([status, stderr]).toEqual([1, expect.stringContaining('security.insecure is not allowed') as string]);
  sandbox.write('compose.yaml', '{name: demo, services: {web: {build: {context: ., privileged: true}}}}');
  await sandbox.compose(['build', '--no-cache']);
  await sandbox.compose(['down', '--rmi', 'local']);
});

test('a cache begins with the files of its stage, once', async () => {
  const use = (n: number): string =>
    `RUN --mount=type=cache,target=/c,from=seed,source=/s,id=x cat /c/* > /out${String(n)}; echo ${String(n)} > /c/more\n`;
  await build(`FROM busybox AS seed\nRUN mkdir /s && echo seed > /s/file\nFROM busybox\n${use(1)}${use(2)}`);
  expect(await inImage('cat', '/out1', '/out2')).toBe('seed\nseed\n1');
});

test.each([
  ['platforms: [linux/s390x]', 1, 'only images for linux/'],
  ['network: mine', 1, 'builds have no network mine'],
  ['platforms: [linux/amd64, linux/arm64]', 0, 'build.platforms: not built for linux/'],
])('a service with %s ends with %d', async (key, expected, message) => {
  sandbox.write('compose.yaml', `{name: demo, services: {web: {build: {dockerfile_inline: FROM busybox, ${key}}}}}`);
  const { status, stderr } = await sandbox.tryCompose(['build']);
  expect([status, stderr]).toEqual([expected, expect.stringContaining(message) as string]);
  await sandbox.compose(['down', '--rmi', 'local']);
});

test('what a RUN writes to a bind is lost: neither the context nor a stage changes', async () => {
  sandbox.write('src/f', 'mine');
  await build(`FROM busybox AS seed
RUN mkdir /s && echo seed > /s/x
FROM busybox
RUN --mount=type=bind,source=src,target=/b,rw echo changed > /b/f && touch /b/new && ls /b > /1
RUN --mount=type=bind,from=seed,source=/s,target=/b,rw touch /b/new && rm /b/x && ls /b >> /1
RUN --mount=type=bind,from=seed,source=/s,target=/b ls /b >> /1; touch /b/y 2> /dev/null || echo read-only >> /1
`);
  expect(await inImage('cat', '/1')).toBe('f\nnew\nnew\nx\nread-only');
  expect(readdirSync(join(sandbox.directory, 'src'))).toEqual(['f']);
  expect(readFileSync(join(sandbox.directory, 'src/f'), 'utf8')).toBe('mine');
});

test('a bind of the context shows what .dockerignore leaves, and another content is another step', async () => {
  sandbox.write('.dockerignore', 'secret\nlib/*.log\n');
  sandbox.write('secret', '');
  sandbox.write('lib/a.log', '');
  sandbox.write('lib/code', 'one');
  const file = `FROM busybox
RUN --mount=type=bind,target=/c find /c -type f | sort > /all
RUN --mount=type=bind,source=lib/code,target=/code cat /code > /code.copy; cat /proc/sys/kernel/random/uuid > /id
`;
  await build(file);
  expect(await inImage('cat', '/all', '/code.copy')).toBe('/c/.dockerignore\n/c/Dockerfile\n/c/lib/code\none');
  const id = await inImage('cat', '/id');
  sandbox.write('secret', 'other');
  await build(file);
  expect(await inImage('cat', '/id')).toBe(id);
  sandbox.write('lib/code', 'two');
  await build(file);
  expect(await inImage('cat', '/code.copy')).toBe('two');
  sandbox.write('Dockerfile', 'FROM busybox\nRUN --mount=type=bind,source=nosuch,target=/x true\n');
  const { status, stderr } = await sandbox.tryMydocker(['build', '.']);
  expect([status, stderr]).toEqual([1, expect.stringContaining('the source "nosuch" of a mount is not there') as string]);
});

test('an image that another service builds is not pulled, and a new build of it makes both anew', async () => {
  const file = (word: string): string =>
    `name: demo
services:
  user: {image: "nowhere.invalid/shared:1", init: true, command: sleep 1d}
  maker: {image: "nowhere.invalid/shared:1", init: true, command: sleep 1d, build: {dockerfile_inline: "FROM busybox\\nRUN echo ${word} > /word"}}
  implicit: {build: {dockerfile_inline: "FROM busybox\\nRUN echo ${word} > /word"}, init: true, command: sleep 1d}
  taker: {image: demo-implicit, init: true, command: sleep 1d}
`;
  const words = async (): Promise<readonly string[]> =>
    Promise.all(['user', 'maker', 'taker'].map((name) => sandbox.compose(['exec', '-T', name, 'cat', '/word'])));
  sandbox.write('compose.yaml', file('first'));
  await sandbox.compose(['up', '-d']);
  expect(await words()).toEqual(['first', 'first', 'first']);
  sandbox.write('compose.yaml', file('second'));
  await sandbox.compose(['up', '-d', '-t', '0', '--build']);
  expect(await words()).toEqual(['second', 'second', 'second']);
  await sandbox.compose(['down', '-t', '0', '--rmi', 'all']);
  await sandbox.importBusybox();
});

test('--print gives what is built as a bake file, and builds nothing', async () => {
  sandbox.write(
    'compose.yaml',
    `name: demo
services:
  base: {image: "me/base:1", build: {dockerfile_inline: FROM busybox, args: {A: null, B: x}, ssh: [default], ulimits: {nofile: {soft: 1, hard: 2}}}}
  web: {build: {context: ., additional_contexts: {b: "service:base"}, privileged: true, secrets: [{source: s, target: t}], tags: ["x:1"]}}
secrets: {s: {environment: HOME}}
`,
  );
  const printed = JSON.parse(await sandbox.compose(['build', '--print', '--push', '--no-cache', '--build-arg', 'C=d', 'web'])) as unknown;
  const labels = (service: string): unknown => ({
    'com.docker.compose.project': 'demo',
    'com.docker.compose.service': service,
    'com.docker.compose.version': '2.40.3',
  });
  expect(printed).toEqual({
    group: { default: { targets: ['web', 'base'] } },
    target: {
      base: {
        context: sandbox.directory,
        'dockerfile-inline': 'FROM busybox',
        args: { B: 'x', C: 'd' },
        labels: labels('base'),
        tags: ['me/base:1'],
        ssh: ['default='],
        'no-cache': true,
        ulimits: ['nofile=1:2'],
        output: ['type=registry'],
      },
      web: {
        context: sandbox.directory,
        contexts: { b: 'target:base' },
        dockerfile: join(sandbox.directory, 'Dockerfile'),
        args: { C: 'd' },
        labels: labels('web'),
        tags: ['x:1', 'demo-web'],
        secret: ['id=t,type=env,env=HOME'],
        'no-cache': true,
        entitlements: ['security.insecure'],
        output: ['type=docker'],
      },
    },
  });
  expect((await sandbox.tryMydocker(['image', 'inspect', 'demo-web'])).status).not.toBe(0);
});

test('up of a service builds the services first whose images it begins with, and starts none of them', async () => {
  sandbox.write(
    'compose.yaml',
    `name: demo
services:
  app: {init: true, command: sleep 1d, build: {dockerfile_inline: "FROM middle\\nRUN cat /word > /mine", additional_contexts: {middle: "service:middle"}}}
  middle: {build: {dockerfile_inline: "FROM base\\nRUN echo done >> /word", additional_contexts: {base: "service:base"}}}
  base: {build: {dockerfile_inline: "FROM busybox\\nRUN sleep 0.3 && echo base > /word"}}
`,
  );
  await sandbox.compose(['up', '-d', 'app']);
  expect(await sandbox.compose(['exec', '-T', 'app', 'cat', '/mine'])).toBe('base\ndone');
  expect(await sandbox.compose(['ps', '-a', '--services'])).toBe('app');
  await sandbox.compose(['down', '-t', '0', '--rmi', 'local']);
  await sandbox.compose(['up', '-d']);
  expect(await sandbox.compose(['exec', '-T', 'app', 'cat', '/mine'])).toBe('base\ndone');
  await sandbox.compose(['down', '-t', '0', '--rmi', 'local']);
});
