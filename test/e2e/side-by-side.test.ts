import { afterAll, expect, test } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fingerprint, FILL } from '../helpers/crash.ts';
import { startMemoryRegistry } from '../helpers/memory-registry.ts';
import { useSandbox } from '../helpers/sandbox.ts';
import { Crowd, Dice, type CrowdCommand } from '../helpers/side-by-side.ts';
import { tarArchive } from '../helpers/tar-archive.ts';

/**
 * Random commands on one data root at the same time. CROWD_SEED repeats a choice (never the timing), CROWD_COMMANDS says how many,
 * CROWD_SIZE how many at once, CROWD_KILLED which share of them is killed.
 */
const seed = Number(process.env['CROWD_SEED'] ?? Date.now() % 1_000_000);
const total = Number(process.env['CROWD_COMMANDS'] ?? 200);
const size = Number(process.env['CROWD_SIZE'] ?? 6);
const killed = Number(process.env['CROWD_KILLED'] ?? 0.05);

const sandbox = useSandbox();
const registry = await startMemoryRegistry();
afterAll(() => registry.close());
const remote = `${registry.address}/team/app:1`;

const containers = ['c1', 'c2', 'c3', 'c4'];
const images = ['made:1', 'made:2', 'made:3'];
const volumes = ['v1', 'v2'];
const networks = ['n1', 'n2'];
const projects = ['p1', 'p2'];

const COMPOSE = `
services:
  db:
    image: busybox
    init: true
    stop_grace_period: 1s
    command: [sleep, "1000"]
    environment: {VALUE: "\${VALUE:-1}"}
    volumes: ["own:/own", "journal:/journal", "/anonymous"]
    healthcheck: {test: [CMD, "true"], interval: 200ms}
  web:
    image: busybox
    init: true
    stop_grace_period: 1s
    command: [sleep, "1000"]
    depends_on: {db: {condition: service_healthy}}
    ports: ["127.0.0.1::80"]
    networks: [default, back]
volumes: {own: , journal: {external: true}}
networks: {back: }
`;

async function prepare(): Promise<void> {
  const archive = (name: string, letter: string): void =>
    writeFileSync(
      join(sandbox.directory, name),
      tarArchive([
        { name: 'hello', content: 'hello' },
        { name: 'big', content: letter.repeat(500_000) },
      ]),
    );
  archive('rootfs.tar', 'x');
  sandbox.write('compose.yaml', COMPOSE);
  sandbox.write('Dockerfile', 'FROM busybox\nARG N=0\nRUN echo $N > /made\nCOPY rootfs.tar /files/\n');
  await sandbox.mydocker(['build', '-q', '-t', remote, '--build-arg', 'N=remote', '.']);
  await sandbox.mydocker(['push', '-q', remote]);
  await sandbox.mydocker(['save', '-o', 'in.tar', remote]);
  await sandbox.mydocker(['rmi', remote]);
}

const journal = new Set<string>();

type Maker = (dice: Dice, number: number) => CrowdCommand;
const mydocker = (text: string, more: Omit<CrowdCommand, 'words'> = {}): CrowdCommand => ({ words: ['mydocker', ...text.split(' ')], ...more });
const compose = (text: string, more: Omit<CrowdCommand, 'words'> = {}): CrowdCommand => ({
  words: ['mydocker-compose', ...text.split(' ')],
  ...more,
});
const anyImage = (dice: Dice): string => dice.pick(['busybox', 'busybox', ...images, remote]);

const MAKERS: readonly Maker[] = [
  // images
  (dice, n) => mydocker(`import rootfs.tar ${dice.pick(images)}`),
  () => mydocker('load -q -i in.tar'),
  (dice, n) => mydocker(`save -o out-${n}.tar ${anyImage(dice)}`),
  (dice) => mydocker(`tag ${anyImage(dice)} ${dice.pick(images)}`),
  (dice) => mydocker(`rmi ${dice.pick([...images, remote])}`),
  (dice) => mydocker(`rmi -f ${dice.pick([...images, remote])}`),
  () => mydocker('image prune -f'),
  (dice) => mydocker(`commit ${dice.pick(containers)} ${dice.pick(images)}`),
  (dice, n) => mydocker(`build -q -t ${dice.pick(images)} --build-arg N=${n % 5} .`),
  () => mydocker(`pull -q ${remote}`),
  () => mydocker(`push -q ${remote}`),
  () => mydocker('images -a'),
  (dice) => mydocker(`image inspect ${anyImage(dice)}`),
  (dice) => mydocker(`history ${anyImage(dice)}`),
  // containers
  (dice, n) =>
    mydocker(`run --rm -v journal:/journal -v ${dice.pick(volumes)}:/v -v /anonymous busybox sh`, {}) && {
      words: ['mydocker', 'run', '--rm', '-v', 'journal:/journal', '-v', `${dice.pick(volumes)}:/v`, 'busybox', 'sh', '-c', `echo ${n} >> /journal/all`],
      then: () => journal.add(String(n)),
    },
  (dice) => mydocker(`run --rm --network ${dice.pick(networks)} ${anyImage(dice)} true`, { excuses: /executable file not found|no command|not found in/ }),
  (dice) => mydocker(`run -d --init --name ${dice.pick(containers)} -p 127.0.0.1::80 -v ${dice.pick(volumes)}:/v -v /a busybox sleep 1000`),
  (dice) => mydocker(`run -d --init --name ${dice.pick(containers)} --network ${dice.pick(networks)} --restart always ${dice.pick([remote, 'made:1'])} sleep 1`, { excuses: /executable file not found|not found in/ }),
  (dice) => mydocker(`run -d --rm --name ${dice.pick(containers)} busybox sleep 0.1`),
  (dice) => mydocker(`create --name ${dice.pick(containers)} -v ${dice.pick(volumes)}:/bin busybox sleep 1000`),
  (dice) => mydocker(`rm -f -v ${dice.pick(containers)} ${dice.pick(containers)}`),
  (dice) => mydocker(`rm ${dice.pick(containers)}`),
  (dice) => mydocker(`stop -t 1 ${dice.pick(containers)}`),
  (dice) => mydocker(`start ${dice.pick(containers)}`),
  (dice) => mydocker(`restart -t 1 ${dice.pick(containers)}`),
  (dice) => mydocker(`kill ${dice.pick(containers)}`),
  (dice) => mydocker(`pause ${dice.pick(containers)}`),
  (dice) => mydocker(`unpause ${dice.pick(containers)}`),
  (dice) => mydocker(`exec ${dice.pick(containers)} touch /touched`),
  (dice) => mydocker(`rename ${dice.pick(containers)} ${dice.pick(containers)}`),
  (dice) => mydocker(`update --memory 64m --memory-swap 64m ${dice.pick(containers)}`),
  (dice) => mydocker(`cp rootfs.tar ${dice.pick(containers)}:/`),
  (dice, n) => mydocker(`cp ${dice.pick(containers)}:/etc out-${n}`),
  (dice) => mydocker(`diff ${dice.pick(containers)}`),
  (dice, n) => mydocker(`export -o out-${n}.tar ${dice.pick(containers)}`),
  (dice) => mydocker(`logs ${dice.pick(containers)}`),
  (dice) => mydocker(`top ${dice.pick(containers)}`),
  (dice) => mydocker(`port ${dice.pick(containers)}`),
  (dice) => mydocker(`inspect ${dice.pick(containers)}`),
  (dice) => mydocker(`wait ${dice.pick(containers)}`, { endless: 200 }),
  (dice) => mydocker(`attach ${dice.pick(containers)}`, { endless: 200 }),
  (dice) => mydocker(`logs -f ${dice.pick(containers)}`, { endless: 200 }),
  () => mydocker('ps -a -s'),
  () => mydocker('stats --no-stream'),
  () => mydocker('stats -a --no-stream'),
  () => mydocker('events', { endless: 200 }),
  // prunes and the rest
  () => mydocker('container prune -f'),
  () => mydocker('volume prune -f'),
  () => mydocker('network prune -f'),
  () => mydocker('system prune -f'),
  () => mydocker('system df'),
  (dice) => mydocker(`volume create ${dice.pick(volumes)}`),
  (dice) => mydocker(`volume rm ${dice.pick(volumes)}`),
  (dice) => mydocker(`volume trash restore ${dice.pick(volumes)}`, { excuses: /in the trash/ }),
  () => mydocker('volume trash empty -f'),
  () => mydocker('volume trash ls'),
  () => mydocker('volume ls'),
  (dice) => mydocker(`volume inspect ${dice.pick(volumes)}`),
  (dice) => mydocker(`network create ${dice.pick(networks)}`),
  (dice) => mydocker(`network create ${dice.pick(networks)}`),
  (dice) => mydocker(`network rm ${dice.pick(networks)}`),
  (dice) => mydocker(`network connect ${dice.pick(networks)} ${dice.pick(containers)}`),
  (dice) => mydocker(`network disconnect ${dice.pick(networks)} ${dice.pick(containers)}`),
  (dice) => mydocker(`network inspect ${dice.pick(networks)}`),
  () => mydocker('network ls'),
  // projects
  (dice) => compose(`-p ${dice.pick(projects)} up -d -t 1`),
  (dice) => compose(`-p ${dice.pick(projects)} up -d -t 1`),
  (dice) => compose(`-p ${dice.pick(projects)} up -d -t 1 --force-recreate -V`),
  (dice) => compose(`-p ${dice.pick(projects)} down -t 1`),
  (dice) => compose(`-p ${dice.pick(projects)} restart -t 1`),
  (dice) => compose(`-p ${dice.pick(projects)} stop -t 1`),
  (dice) => compose(`-p ${dice.pick(projects)} start`, { excuses: /no containers for project/ }),
  (dice) => compose(`-p ${dice.pick(projects)} scale web=${Math.floor(dice.upTo(3))}`),
  (dice) => compose(`-p ${dice.pick(projects)} ps -a`),
  (dice) => compose(`-p ${dice.pick(projects)} logs`),
  (dice) => compose(`-p ${dice.pick(projects)} exec -T db true`, { excuses: /no such service/ }),
  (dice) => compose(`-p ${dice.pick(projects)} top`),
  (dice) => compose(`-p ${dice.pick(projects)} stats --no-stream`),
  (dice) => compose(`-p ${dice.pick(projects)} images`),
  () => compose('ls -a'),
];

test(
  'commands side by side succeed or say honestly why not',
  async () => {
    console.log(`side by side: CROWD_SEED=${seed}`);
    await prepare();
    await sandbox.mydocker(['run', '--rm', '--network', 'none', '-v', 'journal:/data', 'busybox', 'sh', '-c', FILL]);
    const crowd = new Crowd(sandbox, new Dice(seed));
    await crowd.run(size, total, killed, (dice, number) => {
      const only = new RegExp(process.env['CROWD_ONLY'] ?? '');
      for (;;) {
        const made = dice.pick(MAKERS)(dice, number);
        if (only.test(made.words.join(' '))) return made;
      }
    });
    if (process.env['CROWD_LOG'] !== undefined) {
      writeFileSync(process.env['CROWD_LOG'], [...crowd.log, '', ...crowd.complaints, '', ...[...crowd.counts].map(([kind, counts]) => `${kind} ${JSON.stringify(counts)}`).sort()].join('\n'));
    }
    expect(crowd.complaints).toEqual([]);
  },
  3_600_000,
);
