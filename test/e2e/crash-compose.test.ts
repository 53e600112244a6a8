import { beforeAll, beforeEach, test } from 'bun:test';
import { CrashBench, crashRounds, crashSeed, type CrashScenario } from '../helpers/crash.ts';
import { useSandbox } from '../helpers/sandbox.ts';

/** kill -9 in every command of `mydocker-compose` that changes something, with all that a project can have active. */
const rounds = crashRounds(1);
const sandbox = useSandbox();
const bench = new CrashBench(
  sandbox,
  `
mydocker-compose -f compose.yaml down -t 1 --remove-orphans --volumes
mydocker ps -aq | xargs -r mydocker rm -f -v
mydocker volume trash ls -q | xargs -r mydocker volume trash empty -f
mydocker volume ls -q | grep -vx keep | xargs -r mydocker volume rm
mydocker volume trash ls -q | xargs -r mydocker volume trash empty -f
mydocker network prune -f
mydocker images -q chaos-built | xargs -r mydocker rmi -f
mydocker image prune -f
`,
);
beforeAll(() => bench.protect());

/** Health checks, conditions, hooks, restart policies, two networks, a published port; `VALUE` makes it another model. */
const project = `
name: chaos
x-quick: &quick {image: busybox, init: true, stop_grace_period: 1s, command: [sleep, "1000"]}
services:
  db:
    <<: *quick
    restart: always
    environment: {VALUE: "\${VALUE:-1}"}
    volumes: ["keep:/data", "own:/own"]
    networks: [back]
    healthcheck: {test: [CMD, "true"], interval: 100ms, retries: 2}
  setup:
    <<: *quick
    command: ["true"]
    networks: [back]
    depends_on: {db: {condition: service_healthy}}
  web:
    <<: *quick
    restart: on-failure
    networks: [front, back]
    ports: ["127.0.0.1::80"]
    depends_on: {setup: {condition: service_completed_successfully}, db: {condition: service_healthy, restart: true}}
    post_start: [{command: [touch, /started]}]
    pre_stop: [{command: [touch, /stopping]}]
    deploy: {replicas: 2}
    develop: {watch: [{path: ./src, action: sync, target: /src, initial_sync: true}]}
  flappy:
    <<: *quick
    command: [sleep, "0.1"]
    restart: always
    networks: [front]
  built:
    <<: *quick
    build: {dockerfile_inline: "FROM busybox\\nRUN seq 1 20000 > /numbers\\nCOPY src /src\\n"}
    develop: {watch: [{path: ./src, action: rebuild}]}
    image: chaos-built
    profiles: [built]
volumes:
  keep: {external: true}
  own:
networks: {front: , back: }
`;

beforeEach(() => {
  console.log(`crash test: CRASH_SEED=${crashSeed}`);
  sandbox.write('compose.yaml', project);
  sandbox.write('changed.yaml', 'services: {db: {environment: {VALUE: "2"}}, web: {deploy: {replicas: 3}}}\n');
  for (let i = 1; i <= 20; i++) sandbox.write(`src/${i}`, `${i}\n`.repeat(1000));
});

const compose = (text: string): readonly [string, ...string[]] => ['mydocker-compose', ...text.split(' ')];
const UP = 'mydocker-compose up -d -t 1';
const RUNNING = '[ $(mydocker-compose ps -q db web | wc -l) = 3 ]; mydocker-compose exec -T web test -e /started';
const CHANGED = 'mydocker-compose -f compose.yaml -f changed.yaml';

const WRITE = 'mydocker-compose exec -T db sh -c "seq 1 9999 > /own/n"';
/** `autostart` writes below /etc: the unit goes to a folder of the test's instead. */
const inOwnEtcShell = (action: string): string =>
  `mkdir -p etc/systemd/system; unshare --mount sh -ec 'mount --bind etc /etc; exec mydocker-compose autostart ${action}'`;
const inOwnEtc = (action: string): readonly [string, ...string[]] => ['sh', '-ec', inOwnEtcShell(action)];
const UNIT_WHOLE = 'grep -q WantedBy etc/systemd/system/mydocker.service; [ $(ls -A etc/systemd/system) = mydocker.service ]';

const scenarios: Record<string, CrashScenario> = {
  up: { command: compose('up -d -t 1'), again: UP, after: RUNNING },
  'up, attached': { command: compose('up --timestamps'), again: UP, after: RUNNING, endless: true },
  'up of another model': {
    before: UP,
    command: compose('-f compose.yaml -f changed.yaml up -d -t 1'),
    again: `${CHANGED} up -d -t 1`,
    after: '[ "$(mydocker-compose exec -T db sh -c "echo \\$VALUE")" = 2 ]; [ $(mydocker-compose ps -q web | wc -l) = 3 ]',
  },
  'up --force-recreate -V': { before: UP, command: compose('up -d -t 1 --force-recreate -V'), again: UP, after: RUNNING },
  create: { command: compose('create'), again: `mydocker-compose create; ${UP}`, after: RUNNING },
  start: { before: `${UP}; mydocker-compose stop -t 1`, command: compose('start'), again: UP, after: RUNNING },
  stop: {
    before: UP,
    command: compose('stop -t 1'),
    again: 'mydocker-compose stop -t 1; [ $(mydocker-compose ps -q | wc -l) = 0 ]',
    after: `${UP}; ${RUNNING}`,
  },
  restart: { before: UP, command: compose('restart -t 1'), again: `mydocker-compose restart -t 1; ${UP}`, after: RUNNING },
  kill: { before: UP, command: compose('kill'), again: 'mydocker-compose kill', after: `${UP}; ${RUNNING}` },
  pause: {
    before: UP,
    command: compose('pause db web'),
    again: `mydocker-compose unpause db web || true; ${UP}; mydocker-compose pause db; mydocker-compose unpause db`,
    after: RUNNING,
  },
  unpause: { before: `${UP}; mydocker-compose pause db web`, command: compose('unpause db web'), again: UP, after: RUNNING },
  rm: { before: UP, command: compose('rm -s -f -v web db'), again: `mydocker-compose rm -s -f -v web db; ${UP}`, after: RUNNING },
  run: { before: UP, command: compose('run --rm -T db sleep 0.1'), again: `${UP}; mydocker-compose run --rm -T db true`, after: RUNNING },
  exec: { before: UP, command: compose('exec -T db sleep 0.1'), again: `${UP}; mydocker-compose exec -T db true`, after: RUNNING },
  scale: {
    before: UP,
    command: compose('scale web=4'),
    again: 'mydocker-compose scale web=4',
    after: '[ $(mydocker-compose ps -q web | wc -l) = 4 ]',
  },
  'scale down': {
    before: UP,
    command: compose('scale web=0'),
    again: 'mydocker-compose scale web=0',
    after: '[ $(mydocker-compose ps -q web | wc -l) = 0 ]',
  },
  cp: {
    before: UP,
    command: compose('cp src db:/'),
    again: `${UP}; mydocker-compose cp src db:/`,
    after: '[ $(mydocker-compose exec -T db ls /src | wc -l) = 20 ]',
  },
  build: {
    command: compose('--profile built build'),
    again: 'mydocker-compose --profile built build',
    after: '[ $(mydocker run --rm chaos-built ls /src | wc -l) = 20 ]',
  },
  'up --build': {
    command: compose('--profile built up -d --build built'),
    again: 'mydocker-compose --profile built up -d --build built',
    after: '[ $(mydocker-compose exec -T built ls /src | wc -l) = 20 ]',
  },
  commit: {
    before: UP,
    command: compose('commit db chaos-built'),
    again: `${UP}; mydocker-compose commit db chaos-built; mydocker-compose exec -T db true`,
    after: RUNNING,
  },
  down: {
    before: UP,
    command: compose('down -t 1'),
    again: 'mydocker-compose down -t 1',
    after: '[ $(mydocker ps -aq | wc -l) = 0 ]; mydocker volume inspect chaos_own',
  },
  'down -v': {
    before: UP,
    command: compose('down -t 1 -v'),
    again: 'mydocker-compose down -t 1 -v',
    after: '[ $(mydocker volume ls -q) = keep ]',
  },
  rollback: {
    before: `${UP}; ${CHANGED} up -d -t 1`,
    command: compose('rollback'),
    again: UP,
    after: '[ "$(mydocker-compose exec -T db sh -c "echo \\$VALUE")" = 1 ]',
  },
  rename: {
    before: `${UP}; ${WRITE}`,
    command: compose('rename -t 1 chaos other'),
    again: `mydocker-compose rename -t 1 chaos other || mydocker-compose -p other up -d -t 1`,
    after: '[ $(mydocker-compose -p other exec -T db sh -c "wc -l < /own/n") = 9999 ]; ! mydocker volume inspect chaos_own',
  },
  'up --rename-from': {
    before: `${UP}; ${WRITE}`,
    command: compose('-p other up -d -t 1 --rename-from chaos'),
    again: 'mydocker-compose -p other up -d -t 1 --rename-from chaos || mydocker-compose -p other up -d -t 1',
    after: '[ $(mydocker-compose -p other exec -T db sh -c "wc -l < /own/n") = 9999 ]; ! mydocker volume inspect chaos_own',
  },
  'up --remove-orphans': {
    before: `${UP} --scale web=4; sed -i /flappy:/,/front/d compose.yaml`,
    command: compose('up -d -t 1 --remove-orphans --scale web=2'),
    again: `${UP} --remove-orphans`,
    after: `${RUNNING}; [ $(mydocker ps -aq | wc -l) = 4 ]`,
  },
  'down of what went to the trash': {
    before: `${UP}; ${WRITE}; mydocker-compose down -t 1 -v; ${UP}; mydocker-compose down -t 1; mydocker volume rm chaos_own`,
    command: ['mydocker', 'volume', 'trash', 'empty', '-f'],
    again: 'mydocker volume trash empty -f',
    after: `[ $(mydocker volume trash ls -q | wc -l) = 0 ]; ${UP}; ${RUNNING}`,
  },
  'autostart stop': {
    before: UP,
    command: compose('autostart stop'),
    again: 'mydocker-compose autostart stop; mydocker-compose autostart start',
    // What the killed one had stopped is remembered.
    after: '[ $(mydocker-compose ps -q db web | wc -l) = 3 ]',
  },
  'autostart start': {
    before: `${UP}; mydocker-compose autostart stop`,
    command: compose('autostart start'),
    again: 'mydocker-compose autostart start',
    after: `${UP}; ${RUNNING}`,
  },
  'autostart enable': { command: inOwnEtc('enable'), again: inOwnEtcShell('enable'), after: `${UNIT_WHOLE}; rm -r etc` },
  'autostart disable': {
    before: `${inOwnEtcShell('enable')}; ${UNIT_WHOLE}`,
    command: inOwnEtc('disable'),
    again: inOwnEtcShell('disable'),
    after: '[ -z "$(ls -A etc/systemd/system)" ]; rm -r etc',
  },
  watch: {
    before: UP,
    command: compose('watch'),
    endless: true,
    during:
      'i=0; while :; do i=$((i+1)); echo $i > src/$((i % 30)); mkdir -p src/d$((i % 3)); echo $i > src/d$((i % 3))/f; rm -rf src/d$(((i + 1) % 3)); sleep 0.02; done',
    again: UP,
    after: RUNNING,
  },
  'watch that rebuilds': {
    before: `${UP}; mydocker-compose --profile built up -d -t 1 built`,
    command: compose('--profile built watch built'),
    endless: true,
    during: 'while :; do echo x >> src/1; sleep 0.4; done',
    again: 'mydocker-compose --profile built up -d -t 1 --build built',
    after: '[ $(mydocker-compose exec -T built sh -c "wc -l < /src/2") = 1000 ]',
  },
};

test.each(Object.entries(scenarios))('kill -9 during mydocker-compose %s', (_, scenario) => bench.run(scenario, rounds), 3_600_000);
