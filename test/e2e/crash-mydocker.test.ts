import { beforeAll, beforeEach, expect, test } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { CrashBench, crashRounds, crashSeed, type CrashScenario } from '../helpers/crash.ts';
import { useSandbox } from '../helpers/sandbox.ts';
import { tarArchive } from '../helpers/tar-archive.ts';

/** kill -9 in every command of `mydocker` that changes something. */
const rounds = crashRounds(1);
const sandbox = useSandbox();

const RUN =
  'run -d --name solo --init --stop-timeout 1 --restart always -p 127.0.0.1::80 -v keep:/data -v own:/own --health-cmd true --health-interval 50ms';
const SOLO = `mydocker ${RUN} busybox sleep 1000`;
const words = (text: string): readonly string[] => text.split(' ');
const mydocker = (text: string): readonly [string, ...string[]] => ['mydocker', ...words(text)];

/** Names are given to one command where there are any. */
const reset = `
mydocker ps -aq | xargs -r mydocker rm -f -v
mydocker volume ls -q | grep -vx keep | xargs -r mydocker volume rm
mydocker volume trash ls -q | xargs -r mydocker volume trash empty -f
mydocker network prune -f
mydocker image prune -f
mydocker images --format '{{.Repository}}:{{.Tag}}' | grep -vx busybox:latest | xargs -r mydocker rmi
`;

const write = (name: string, data: Uint8Array): void => writeFileSync(join(sandbox.directory, name), data);
const bench = new CrashBench(sandbox, reset);
beforeAll(() => bench.protect());
beforeEach(() => {
  console.log(`crash test: CRASH_SEED=${crashSeed}`);
  sandbox.write('Dockerfile', 'FROM busybox\nRUN seq 1 20000 > /numbers\nCOPY files /files\nRUN rm /files/1\n');
  for (let i = 1; i <= 50; i++) sandbox.write(`files/${i}`, `${i}\n`.repeat(1000));
  write(
    'rootfs.tar',
    tarArchive([
      { name: 'hello', content: 'hello' },
      { name: 'big', content: 'x'.repeat(3_000_000) },
    ]),
  );
  write(
    'rootfs.tar.gz',
    gzipSync(
      tarArchive([
        { name: 'hello', content: 'hello' },
        { name: 'big', content: 'y'.repeat(3_000_000) },
      ]),
    ),
  );
});

const scenarios: Record<string, CrashScenario> = {
  create: {
    command: mydocker('create --name solo -v keep:/data -v own:/bin busybox sleep 1000'),
    after: 'mydocker start solo; mydocker exec solo ls /bin/sh',
  },
  run: { command: mydocker(`${RUN} busybox sleep 1000`), after: 'mydocker exec solo true' },
  'run --rm': { command: mydocker('run --rm --init -v keep:/data -v /anonymous busybox sleep 0.2') },
  start: {
    before: `${SOLO}; mydocker stop solo`,
    command: mydocker('start solo'),
    again: 'mydocker start solo',
    after: 'mydocker exec solo true',
  },
  stop: { before: SOLO, command: mydocker('stop solo'), again: 'mydocker stop solo', after: '[ $(mydocker ps -q | wc -l) = 0 ]' },
  restart: { before: SOLO, command: mydocker('restart solo'), again: 'mydocker restart solo', after: 'mydocker exec solo true' },
  kill: { before: SOLO, command: mydocker('kill solo'), again: 'mydocker start solo; mydocker kill solo' },
  'pause and stop': {
    before: SOLO,
    command: mydocker('pause solo'),
    again: 'mydocker stop solo; mydocker start solo; mydocker pause solo',
  },
  unpause: {
    before: `${SOLO}; mydocker pause solo`,
    command: mydocker('unpause solo'),
    again: 'mydocker restart solo',
    after: 'mydocker exec solo true',
  },
  'rm -f': {
    before: SOLO,
    command: mydocker('rm -f -v solo'),
    again: 'mydocker rm -f -v solo',
    after: '[ $(mydocker ps -aq | wc -l) = 0 ]',
  },
  exec: { before: SOLO, command: mydocker('exec solo sleep 0.2'), again: 'mydocker start solo; mydocker exec solo true' },
  rename: {
    before: SOLO,
    command: mydocker('rename solo renamed'),
    again: 'mydocker start solo || mydocker start renamed; mydocker rename solo renamed || mydocker inspect renamed',
    after: 'mydocker exec renamed true; ! mydocker inspect solo',
  },
  update: {
    before: SOLO,
    command: mydocker('update --restart no --memory 64m solo'),
    again: 'mydocker start solo; mydocker update --restart no --memory 64m solo',
    after: '[ $(mydocker inspect -f "{{.HostConfig.Memory}}" solo) = 67108864 ]',
  },
  'cp into': {
    before: SOLO,
    command: mydocker('cp files solo:/'),
    again: 'mydocker start solo; mydocker cp files solo:/',
    after: '[ $(mydocker exec solo ls /files | wc -l) = 50 ]',
  },
  'cp from': {
    before: `${SOLO}; mydocker cp files solo:/`,
    command: mydocker('cp solo:/files out'),
    again: 'rm -rf out; mydocker cp solo:/files out',
    after: '[ $(ls out | wc -l) = 50 ]; rm -rf out',
  },
  'commit a running one': {
    before: `${SOLO}; mydocker cp files solo:/`,
    command: mydocker('commit solo made:1'),
    again: 'mydocker start solo; mydocker exec solo true; mydocker commit solo made:1; mydocker exec solo true',
    after: '[ $(mydocker run --rm made:1 ls /files | wc -l) = 50 ]',
  },
  export: {
    before: `${SOLO}; mydocker cp files solo:/`,
    command: mydocker('export -o out.tar solo'),
    again: 'mydocker export -o out.tar solo',
    after: '[ $(tar tf out.tar files | wc -l) = 51 ]; rm out.tar',
  },
  import: {
    command: mydocker('import rootfs.tar made:1'),
    again: 'mydocker import rootfs.tar made:1',
    after: 'mydocker create --name solo made:1 x; mydocker cp solo:/hello out; rm out',
  },
  'import compressed': { command: mydocker('import rootfs.tar.gz made:1'), again: 'mydocker import rootfs.tar.gz made:1' },
  save: {
    command: mydocker('save -o out.tar busybox'),
    again: 'mydocker save -o out.tar busybox',
    after: 'mydocker load -i out.tar; rm out.tar',
  },
  load: {
    before: 'mydocker import rootfs.tar made:1; mydocker save -o in.tar made:1; mydocker rmi made:1',
    command: mydocker('load -i in.tar'),
    again: 'mydocker load -i in.tar',
    after: 'mydocker create --name solo made:1 x; mydocker cp solo:/hello out; rm out',
  },
  tag: { command: mydocker('tag busybox made:1'), again: 'mydocker tag busybox made:1', after: 'mydocker run --rm made:1 true' },
  rmi: {
    before: 'mydocker import rootfs.tar made:1',
    command: mydocker('rmi made:1'),
    again: 'mydocker import rootfs.tar made:1; mydocker rmi made:1',
  },
  'image prune': { before: 'mydocker import rootfs.tar', command: mydocker('image prune -f'), again: 'mydocker image prune -f' },
  build: {
    command: mydocker('build -t made:1 .'),
    again: 'mydocker build -t made:1 .',
    after: '[ $(mydocker run --rm made:1 ls /files | wc -l) = 49 ]',
  },
  'build without a cache': { command: mydocker('build --no-cache -t made:1 .'), again: 'mydocker build --no-cache -t made:1 .' },
  'volume create': { command: mydocker('volume create --label a=b made'), again: 'mydocker volume create --label a=b made' },
  'volume rm': {
    before: 'mydocker run --rm -v made:/v busybox sh -c "seq 1 9999 > /v/n"',
    command: mydocker('volume rm made'),
    again: 'mydocker volume create made; mydocker volume rm made',
  },
  'volume prune': {
    before: 'mydocker volume create; mydocker volume create',
    command: mydocker('volume prune -f'),
    again: 'mydocker volume prune -f',
    after: '[ $(mydocker volume ls -q | wc -l) = 1 ]',
  },
  'volume trash restore': {
    before: 'mydocker run --rm -v made:/v busybox sh -c "seq 1 9999 > /v/n"; mydocker volume rm made',
    command: mydocker('volume trash restore made'),
    again: 'mydocker volume inspect made || mydocker volume trash restore made',
    after: '[ $(mydocker run --rm -v made:/v busybox sh -c "wc -l < /v/n") = 9999 ]',
  },
  'volume trash empty': {
    before: 'mydocker run --rm -v made:/v busybox sh -c "seq 1 9999 > /v/n"; mydocker volume rm made',
    command: mydocker('volume trash empty -f'),
    again: 'mydocker volume trash empty -f',
    after: '[ $(mydocker volume trash ls -q | wc -l) = 0 ]',
  },
  'network create': {
    command: mydocker('network create made'),
    again: 'mydocker network inspect made || mydocker network create made',
    after: 'mydocker run --rm --network made busybox true',
  },
  'network rm': {
    before: 'mydocker network create made',
    command: mydocker('network rm made'),
    again: 'mydocker network rm made || ! mydocker network inspect made',
  },
  'network connect': {
    before: `mydocker network create made; ${SOLO}`,
    command: mydocker('network connect made solo'),
    again: 'mydocker start solo; mydocker network disconnect -f made solo || true; mydocker network connect made solo',
    after: '[ $(mydocker exec solo ls /sys/class/net | wc -l) = 3 ]',
  },
  'network disconnect': {
    before: `mydocker network create made; ${SOLO}; mydocker network connect made solo`,
    command: mydocker('network disconnect made solo'),
    again: 'mydocker start solo; mydocker network connect made solo || true; mydocker network disconnect made solo',
  },
  'container prune': {
    before: 'mydocker create --name solo busybox',
    command: mydocker('container prune -f'),
    again: 'mydocker container prune -f',
    after: '[ $(mydocker ps -aq | wc -l) = 0 ]',
  },
  'system prune': {
    before: 'mydocker create --name solo busybox; mydocker network create made',
    command: mydocker('system prune -f'),
    again: 'mydocker system prune -f',
  },
};

test.each(Object.entries(scenarios))(
  'kill -9 during mydocker %s',
  async (_, scenario) => {
    await bench.run(scenario, rounds);
    expect(await sandbox.mydocker(['ps', '-aq'])).toBe('');
  },
  3_600_000,
);
