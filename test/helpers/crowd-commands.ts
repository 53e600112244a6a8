import type { CrowdCommand, Dice } from './side-by-side.ts';

/** Makes one command; `number` is its own. */
export type CrowdVerb = (dice: Dice, number: number) => CrowdCommand;

const CONTAINERS = ['c1', 'c2', 'c3', 'c4'];
const IMAGES = ['made:1', 'made:2', 'made:3'];
const VOLUMES = ['v1', 'v2'];
const NETWORKS = ['n1', 'n2'];
export const PROJECTS = ['p1', 'p2'];

/** Volumes, networks, a port, a condition: what a project can have that others take away. */
export const CROWD_PROJECT = `
x-quick: &quick {image: busybox, init: true, stop_grace_period: 1s, command: [sleep, "1000"]}
services:
  db:
    <<: *quick
    volumes: ["own:/own", "journal:/journal", "/anonymous"]
    healthcheck: {test: [CMD, "true"], interval: 200ms}
  web:
    <<: *quick
    depends_on: {db: {condition: service_healthy}}
    ports: ["127.0.0.1::80"]
    networks: [default, back]
volumes: {own: , journal: {external: true}}
networks: {back: }
`;

const words = (text: string): string[] => text.split(' ');
const mydocker = (text: string, more: Omit<CrowdCommand, 'words'> = {}): CrowdCommand => ({ words: ['mydocker', ...words(text)], ...more });
const compose = (dice: Dice, text: string, more: Omit<CrowdCommand, 'words'> = {}): CrowdCommand => ({
  words: ['mydocker-compose', '-p', dice.pick(PROJECTS), ...words(text)],
  // Of a project that is known by its containers alone.
  excuse: /no such service|no containers for project/,
  ...more,
});
const WATCHED_MS = 200;

/** `remote` is an image of a registry; `written` is told the number of each command that wrote its line into the volume `journal`. */
export function crowdVerbs(remote: string, written: (line: string) => void): readonly CrowdVerb[] {
  const image = (dice: Dice): string => dice.pick(['busybox', 'busybox', ...IMAGES, remote]);
  const made = (dice: Dice): string => dice.pick([...IMAGES, remote]);
  return [...imageVerbs(remote, image, made), ...containerVerbs(image, written), ...otherVerbs(), ...projectVerbs()];
}

function imageVerbs(remote: string, image: (dice: Dice) => string, made: (dice: Dice) => string): readonly CrowdVerb[] {
  return [
    (dice) => mydocker(`import rootfs.tar ${dice.pick(IMAGES)}`),
    (dice, number) => ({ words: ['mydocker', 'import', '--change', `ENV N=${number % 5}`, 'busybox.tar', dice.pick(IMAGES)] }),
    () => mydocker('load -q -i in.tar'),
    (dice, number) => mydocker(`save -o out-${number}.tar ${image(dice)}`),
    (dice) => mydocker(`tag ${image(dice)} ${dice.pick(IMAGES)}`),
    (dice) => mydocker(`rmi ${made(dice)}`),
    (dice) => mydocker(`rmi -f ${made(dice)}`),
    () => mydocker('image prune -f'),
    (dice) => mydocker(`commit ${dice.pick(CONTAINERS)} ${dice.pick(IMAGES)}`),
    (dice, number) => mydocker(`build -q -t ${dice.pick(IMAGES)} --build-arg N=${number % 5} .`),
    () => mydocker(`pull -q ${remote}`),
    () => mydocker(`push -q ${remote}`),
    () => mydocker('images -a'),
    (dice) => mydocker(`image inspect ${image(dice)}`),
    (dice) => mydocker(`history ${image(dice)}`),
  ];
}

function containerVerbs(image: (dice: Dice) => string, written: (line: string) => void): readonly CrowdVerb[] {
  const one = (dice: Dice): string => dice.pick(CONTAINERS);
  // What comes of `import rootfs.tar` has no programs.
  const excuse = /executable file not found/;
  const writer: CrowdVerb = (dice, number) => {
    const mounts = ['-v', 'journal:/journal', '-v', `${dice.pick(VOLUMES)}:/v`];
    const script = `echo ${number} >> /journal/lines`;
    return { words: ['mydocker', 'run', '--rm', ...mounts, 'busybox', 'sh', '-c', script], then: () => written(String(number)) };
  };
  return [
    writer,
    writer,
    (dice) => mydocker(`run --rm --network ${dice.pick(NETWORKS)} ${image(dice)} true`, { excuse }),
    (dice) => mydocker(`run -d --init --name ${one(dice)} -p 127.0.0.1::80 -v ${dice.pick(VOLUMES)}:/v -v /a busybox sleep 1000`),
    (dice) => mydocker(`run -d --init --name ${one(dice)} -v /a -v /b busybox sleep 1000`),
    (dice) =>
      mydocker(`run -d --init --name ${one(dice)} --network ${dice.pick(NETWORKS)} --restart always ${image(dice)} sleep 1`, { excuse }),
    (dice) => mydocker(`run -d --rm --name ${one(dice)} busybox sleep 0.1`),
    (dice) => mydocker(`create --name ${one(dice)} -v ${dice.pick(VOLUMES)}:/bin busybox sleep 1000`),
    (dice) => mydocker(`rm -f -v ${one(dice)} ${one(dice)}`),
    (dice) => mydocker(`rm ${one(dice)}`),
    (dice) => mydocker(`stop -t 1 ${one(dice)}`),
    (dice) => mydocker(`start ${one(dice)}`, { excuse }),
    (dice) => mydocker(`restart -t 1 ${one(dice)}`, { excuse }),
    (dice) => mydocker(`kill ${one(dice)}`),
    (dice) => mydocker(`pause ${one(dice)}`),
    (dice) => mydocker(`unpause ${one(dice)}`),
    (dice) => mydocker(`exec ${one(dice)} touch /touched`),
    (dice) => mydocker(`rename ${one(dice)} ${one(dice)}`),
    (dice) => mydocker(`update --memory 64m --memory-swap 64m ${one(dice)}`),
    (dice) => mydocker(`cp rootfs.tar ${one(dice)}:/`),
    (dice, number) => mydocker(`cp ${one(dice)}:/etc out-${number}`, { excuse: /could not find the file \/etc/ }),
    (dice) => mydocker(`diff ${one(dice)}`),
    (dice, number) => mydocker(`export -o out-${number}.tar ${one(dice)}`),
    (dice) => mydocker(`logs ${one(dice)}`),
    (dice) => mydocker(`top ${one(dice)}`),
    (dice) => mydocker(`port ${one(dice)}`),
    (dice) => mydocker(`inspect -s ${one(dice)}`),
    (dice) => mydocker(`wait ${one(dice)}`, { endless: WATCHED_MS }),
    (dice) => mydocker(`attach ${one(dice)}`, { endless: WATCHED_MS }),
    (dice) => mydocker(`logs -f ${one(dice)}`, { endless: WATCHED_MS }),
    () => mydocker('ps -a -s'),
    () => mydocker('stats -a --no-stream'),
    () => mydocker('events', { endless: WATCHED_MS }),
    () => mydocker('container prune -f'),
  ];
}

function otherVerbs(): readonly CrowdVerb[] {
  return [
    () => mydocker('system prune -f --volumes'),
    () => mydocker('system df'),
    () => mydocker('volume prune -f'),
    (dice) => mydocker(`volume create ${dice.pick(VOLUMES)}`),
    (dice) => mydocker(`volume rm ${dice.pick(VOLUMES)}`),
    (dice) => mydocker(`volume trash restore ${dice.pick(VOLUMES)}`, { excuse: /there is no volume v\d in the trash/ }),
    () => mydocker('volume trash empty -f'),
    () => mydocker('volume trash ls'),
    () => mydocker('volume ls'),
    (dice) => mydocker(`volume inspect ${dice.pick(VOLUMES)}`),
    (dice) => mydocker(`network create ${dice.pick(NETWORKS)}`),
    (dice) => mydocker(`network create ${dice.pick(NETWORKS)}`),
    (dice) => mydocker(`network rm ${dice.pick(NETWORKS)}`),
    () => mydocker('network prune -f'),
    (dice) => mydocker(`network connect ${dice.pick(NETWORKS)} ${dice.pick(CONTAINERS)}`),
    (dice) => mydocker(`network disconnect ${dice.pick(NETWORKS)} ${dice.pick(CONTAINERS)}`),
    (dice) => mydocker(`network inspect ${dice.pick(NETWORKS)}`),
    () => mydocker('network ls'),
  ];
}

function projectVerbs(): readonly CrowdVerb[] {
  return [
    (dice) => compose(dice, 'up -d -t 1'),
    (dice) => compose(dice, 'up -d -t 1'),
    (dice) => compose(dice, 'up -d -t 1 --force-recreate -V'),
    (dice) => compose(dice, 'down -t 1'),
    (dice) => compose(dice, 'restart -t 1'),
    (dice) => compose(dice, 'stop -t 1'),
    (dice) => compose(dice, 'start'),
    (dice) => compose(dice, `scale web=${Math.floor(dice.upTo(3))}`),
    (dice) => compose(dice, 'up -d -t 1 --scale web=2 --no-deps web'),
    (dice) => compose(dice, 'rm -s -f -v web'),
    (dice) => compose(dice, 'kill db'),
    (dice) => compose(dice, 'pause'),
    (dice) => compose(dice, 'unpause'),
    (dice) => compose(dice, 'run --rm -T --no-deps db true'),
    (dice) => compose(dice, 'cp rootfs.tar db:/'),
    (dice) => compose(dice, 'up', { endless: 3 * WATCHED_MS }),
    (dice) => compose(dice, 'ps -a'),
    (dice) => compose(dice, 'logs'),
    (dice) => compose(dice, 'exec -T db true'),
    (dice) => compose(dice, 'top'),
    (dice) => compose(dice, 'stats --no-stream'),
    (dice) => compose(dice, 'images'),
    (dice) => compose(dice, 'ls -a'),
  ];
}
