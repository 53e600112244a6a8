import { afterAll, beforeAll, beforeEach, test } from 'bun:test';
import { CrashBench, crashRounds, crashSeed, type CrashScenario } from '../helpers/crash.ts';
import { startMemoryRegistry } from '../helpers/memory-registry.ts';
import { useSandbox } from '../helpers/sandbox.ts';

/** kill -9 in every command that talks to a registry. */
const rounds = crashRounds(1);
const sandbox = useSandbox();
const registry = await startMemoryRegistry();
afterAll(() => registry.close());
const image = `${registry.address}/team/app:1`;
const bench = new CrashBench(
  sandbox,
  `
mydocker-compose down -t 1 --volumes
mydocker ps -aq | xargs -r mydocker rm -f -v
mydocker network prune -f
mydocker images --format '{{.Repository}}:{{.Tag}}' | grep -vx busybox:latest | xargs -r mydocker rmi -f
mydocker image prune -f
`,
);

beforeAll(async () => {
  await bench.protect();
  sandbox.write(
    'Dockerfile',
    'FROM busybox\nRUN seq 1 300000 > /numbers; head -c 3000000 /dev/urandom > /random\nRUN echo upper > /upper\n',
  );
  await bench.shell(`mydocker build -q -t ${image} .; mydocker push -q ${image}; mydocker rmi ${image}`);
});
beforeEach(() => {
  console.log(`crash test: CRASH_SEED=${crashSeed}`);
  // Other content each time, so that something is left to be uploaded.
  sandbox.write('Dockerfile', `FROM ${image}\nRUN head -c 2000000 /dev/urandom > /more\n`);
  sandbox.write(
    'compose.yaml',
    `name: chaos
services:
  one: {image: "${image}", init: true, stop_grace_period: 1s, command: [sleep, "1000"], volumes: ["keep:/data"]}
  two: {image: "${image}", command: ["true"], depends_on: [one]}
  built: {image: "${registry.address}/team/built:1", build: ., profiles: [built]}
volumes: {keep: {external: true}}
`,
  );
});

const words = (text: string): readonly [string, ...string[]] => text.split(' ') as [string, ...string[]];
const HAVE = `[ $(mydocker run --rm ${image} sh -c 'wc -l < /numbers') = 300000 ]; [ $(mydocker run --rm ${image} cat /upper) = upper ]`;
const BUILT = `${registry.address}/team/built:1`;
const AGAIN = `mydocker rmi -f ${BUILT}; mydocker pull -q ${BUILT}; [ $(mydocker run --rm ${BUILT} sh -c 'wc -c < /more') = 2000000 ]`;

const scenarios: Record<string, CrashScenario> = {
  'mydocker pull': { command: words(`mydocker pull ${image}`), again: `mydocker pull ${image}`, after: HAVE },
  'mydocker run that pulls': {
    command: words(`mydocker run --rm -v keep:/data ${image} true`),
    again: `mydocker run --rm -v keep:/data ${image} true`,
    after: HAVE,
  },
  'mydocker push': {
    before: `mydocker build -q -t ${BUILT} .`,
    command: words(`mydocker push ${BUILT}`),
    again: `mydocker push ${BUILT}`,
    after: AGAIN,
  },
  'mydocker build --pull': {
    command: words(`mydocker build --pull -t ${BUILT} .`),
    again: `mydocker build --pull -t ${BUILT} .`,
    after: `[ $(mydocker run --rm ${BUILT} sh -c 'wc -c < /more') = 2000000 ]`,
  },
  'mydocker-compose pull': { command: words('mydocker-compose pull'), again: 'mydocker-compose pull', after: HAVE },
  'mydocker-compose up that pulls': {
    command: words('mydocker-compose up -d -t 1'),
    again: 'mydocker-compose up -d -t 1',
    after: `${HAVE}; [ $(mydocker-compose ps -q one | wc -l) = 1 ]`,
  },
  'mydocker-compose up --pull always': {
    before: 'mydocker-compose up -d',
    command: words('mydocker-compose up -d -t 1 --pull always'),
    again: 'mydocker-compose up -d -t 1 --pull always',
    after: `${HAVE}; [ $(mydocker-compose ps -q one | wc -l) = 1 ]`,
  },
  'mydocker-compose build with pulls': {
    command: words('mydocker-compose --profile built build --pull'),
    again: 'mydocker-compose --profile built build --pull',
    after: `[ $(mydocker run --rm ${BUILT} sh -c 'wc -c < /more') = 2000000 ]`,
  },
  'mydocker-compose push': {
    before: 'mydocker-compose --profile built build',
    command: words('mydocker-compose --profile built push built'),
    again: 'mydocker-compose --profile built push built',
    after: AGAIN,
  },
  'mydocker-compose down --rmi': {
    before: 'mydocker-compose up -d -t 1',
    command: words('mydocker-compose down -t 1 --rmi all'),
    again: 'mydocker-compose down -t 1 --rmi all',
    after: `! mydocker image inspect ${image}`,
  },
};

test.each(Object.entries(scenarios))('kill -9 during %s', (_, scenario) => bench.run(scenario, rounds), 3_600_000);
