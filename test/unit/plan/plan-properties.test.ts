import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { LABELS } from '../../../src/model/compose-labels.ts';
import { formatPlan } from '../../../src/model/plan.ts';
import { planKill, planPause, planRemove, planRestart, planStart, planStop, planUnpause } from '../../../src/plan/plan-containers.ts';
import { planDown } from '../../../src/plan/plan-down.ts';
import type { Desired } from '../../../src/plan/desired.ts';
import { FakeRuntime } from '../../helpers/fake-runtime.ts';
import { sketch, Timeline, type ServiceSketch } from '../../helpers/planned.ts';

const NAMES = ['a', 'b', 'c', 'd'] as const;

/** A service that may depend on those before it in the alphabet, so that there is no circle. */
function service(index: number): fc.Arbitrary<ServiceSketch> {
  const earlier = NAMES.slice(0, index);
  return fc
    .record({
      user: fc.constantFrom('0', '1'),
      label: fc.constantFrom('x', 'y'),
      limit: fc.constantFrom(undefined, '67108864', '134217728'),
      scale: fc.constantFrom(1, 1, 2, 3, 0),
      volume: fc.constantFrom(undefined, 'data', 'more', 'anonymous'),
      network: fc.constantFrom(undefined, 'back'),
      port: fc.constantFrom(undefined, '8080', '8081'),
      dependencies: fc.subarray([...earlier]),
      condition: fc.constantFrom('service_started' as const, 'service_healthy' as const),
      restart: fc.boolean(),
      required: fc.boolean(),
    })
    .map((wish) => ({
      user: wish.user,
      labels: { label: wish.label },
      scale: wish.scale,
      healthcheck: { test: ['CMD', 'true'] },
      networks: { default: null, ...(wish.network === undefined ? {} : { [wish.network]: { aliases: [wish.label] } }) },
      depends_on: Object.fromEntries(
        wish.dependencies.map((name) => [name, { condition: wish.condition, restart: wish.restart, required: wish.required }]),
      ),
      ...(wish.limit === undefined ? {} : { mem_limit: wish.limit }),
      ...(wish.port === undefined ? {} : { ports: [{ mode: 'ingress', target: 80, published: wish.port, protocol: 'tcp' }] }),
      ...(wish.volume === undefined
        ? {}
        : { volumes: [{ type: 'volume', target: '/data', ...(wish.volume === 'anonymous' ? {} : { source: wish.volume }) }] }),
    }));
}

const project: fc.Arbitrary<Desired> = fc
  .tuple(fc.subarray([...NAMES], { minLength: 1 }), fc.tuple(service(0), service(1), service(2), service(3)), fc.constantFrom('1', '2'))
  .map(([present, services, version]) => {
    const chosen = NAMES.flatMap((name, index) =>
      present.includes(name) ? [[name, withoutMissing(services[index] ?? {}, present)] as const] : [],
    );
    return sketch(Object.fromEntries(chosen), {
      networks: { default: { name: 'demo_default' }, back: { name: 'demo_back', labels: { version } } },
      volumes: { data: { name: 'demo_data' }, more: { name: 'demo_more' } },
    });
  });

function withoutMissing(sketched: ServiceSketch, present: readonly string[]): ServiceSketch {
  const dependencies = Object.entries(sketched.depends_on ?? {}).filter(([name]) => present.includes(name));
  return { ...sketched, depends_on: Object.fromEntries(dependencies) };
}

type Step =
  | 'up'
  | 'up --force-recreate'
  | 'up -V'
  | 'up --remove-orphans'
  | 'create'
  | 'stop'
  | 'start'
  | 'restart'
  | 'kill'
  | 'pause'
  | 'unpause'
  | 'rm'
  | 'rm by hand'
  | 'die by hand'
  | 'network rm by hand'
  | 'rename by hand';
const STEPS: readonly Step[] = [
  'up',
  'up',
  'up --force-recreate',
  'up -V',
  'up --remove-orphans',
  'create',
  'stop',
  'start',
  'restart',
  'kill',
  'pause',
  'unpause',
  'rm',
  'rm by hand',
  'die by hand',
  'network rm by hand',
  'rename by hand',
];
const history = fc.array(fc.tuple(fc.constantFrom(...STEPS), project), { minLength: 1, maxLength: 6 });

class World {
  readonly runtime = new FakeRuntime();
  readonly timeline = new Timeline(this.runtime);

  async containers() {
    const label = `${LABELS.project}=demo`;
    return this.runtime.containers.list({ labels: [label] });
  }

  async take(step: Step, desired: Desired): Promise<void> {
    const containers = await this.containers();
    const selection = { projectName: 'demo', containers };
    const services = [...new Set(containers.map(({ config }) => config.labels[LABELS.service] ?? ''))];
    switch (step) {
      case 'up':
        return this.up(desired, {});
      case 'up --force-recreate':
        return this.up(desired, { recreate: 'force', recreateDependencies: 'force' });
      case 'up -V':
        return this.up(desired, { renewAnonymousVolumes: true });
      case 'up --remove-orphans':
        return this.up(desired, { removeOrphans: true });
      case 'create':
        return this.up(desired, { start: false });
      case 'stop':
        return this.apply(planStop(selection));
      case 'start':
        // A network that was removed by hand makes it fail, as it should.
        await this.timeline.apply(planStart(selection, services));
        return;
      case 'restart':
        return this.apply(planRestart(selection, services, { noDeps: false }));
      case 'kill':
        return this.apply(planKill(selection, 'SIGKILL'));
      case 'pause':
        return this.apply(planPause(selection));
      case 'unpause':
        return this.apply(planUnpause(selection));
      case 'rm':
        return this.apply(planRemove(selection, { stop: true, volumes: false }));
      case 'rm by hand':
        if (containers[0] !== undefined) await this.runtime.containers.remove(containers[0].config.id, { force: true });
        return;
      case 'rename by hand':
        if (containers[0] !== undefined) await this.runtime.containers.rename(containers[0].config.id, `x${containers[0].config.name}`);
        return;
      case 'network rm by hand':
        await this.apply(planStop(selection));
        for (const { name } of await this.runtime.networks.list()) await this.runtime.networks.remove(name);
        return;
      case 'die by hand':
        if (containers[0] !== undefined) this.runtime.disturb(containers[0].config.id, { status: 'exited', exitCode: 137 });
        return;
    }
  }

  async up(desired: Desired, request: Parameters<Timeline['up']>[1]): Promise<void> {
    const { failed, skipped } = await this.timeline.up(desired, request);
    expect([failed, skipped]).toEqual([[], []]);
  }

  async apply(plan: Parameters<Timeline['apply']>[0]): Promise<void> {
    const { failed, skipped } = await this.timeline.apply(plan);
    expect([failed, skipped]).toEqual([[], []]);
  }

  async namedVolumes(): Promise<readonly string[]> {
    return (await this.runtime.volumes.list()).filter(({ anonymous }) => !anonymous).map(({ name }) => name);
  }
}

/** One run takes milliseconds: what hangs is told, with its history. */
const RUNS = { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 150), timeout: 5_000 };

test('whatever was done before, after an up there is nothing left to do, and no named volume is lost on the way', async () => {
  await fc.assert(
    fc.asyncProperty(history, project, async (steps, last) => {
      const world = new World();
      let volumes: readonly string[] = [];
      for (const [step, desired] of steps) {
        await world.take(step, desired);
        const now = await world.namedVolumes();
        expect(now).toEqual(expect.arrayContaining([...volumes]));
        volumes = now;
      }
      await world.up(last, { removeOrphans: true });
      expect(formatPlan(await world.timeline.plan(last))).toBe('nothing to do');
      const wanted = Object.entries(last.project.services).flatMap(([name, { scale = 1 }]) =>
        Array.from({ length: scale }, (_, index) => `demo-${name}-${String(index + 1)} running`),
      );
      const found = (await world.containers()).map(({ config, state }) => `${config.name} ${state.status}`).sort();
      // Numbers may have gaps where a lower one was removed: what counts is how many.
      expect(found.map((line) => line.replace(/-\d+ /, ' '))).toEqual(wanted.map((line) => line.replace(/-\d+ /, ' ')).sort());
      expect(await world.namedVolumes()).toEqual(expect.arrayContaining([...volumes]));
    }),
    RUNS,
  );
});

test('whatever was done before, a down leaves volumes and nothing else', async () => {
  await fc.assert(
    fc.asyncProperty(history, async (steps) => {
      const world = new World();
      for (const [step, desired] of steps) await world.take(step, desired);
      const volumes = (await world.runtime.volumes.list()).map(({ name }) => name);
      const networks = (await world.runtime.networks.list()).map(({ name }) => name);
      const selection = { projectName: 'demo', containers: await world.containers() };
      await world.apply(planDown({ selection, removeAnonymousVolumes: false, networks, volumes: [], images: [], warnings: [] }));
      expect(await world.containers()).toEqual([]);
      expect(await world.runtime.networks.list()).toEqual([]);
      expect((await world.runtime.volumes.list()).map(({ name }) => name)).toEqual(volumes);
    }),
    RUNS,
  );
});

test('a plan could be carried out line by line: nothing comes before what it needs', async () => {
  await fc.assert(
    fc.asyncProperty(history, project, async (steps, last) => {
      const world = new World();
      for (const [step, desired] of steps) await world.take(step, desired);
      const { operations } = await world.timeline.plan(last);
      const done = new Set<string>();
      for (const { id, needs, after } of operations) {
        expect([...needs, ...after].filter((before) => !done.has(before))).toEqual([]);
        done.add(id);
      }
      expect(done.size).toBe(operations.length);
    }),
    RUNS,
  );
});
