import { expect, test } from 'bun:test';
import { formatPlan } from '../../../src/model/plan.ts';
import type { Container } from '../../../src/model/runtime.ts';
import { planBoot, planShutdown } from '../../../src/plan/plan-autostart.ts';
import { FakeRuntime } from '../../helpers/fake-runtime.ts';
import { sketch, Timeline, type ServiceSketch } from '../../helpers/planned.ts';

async function containersOf(
  services: Readonly<Record<string, ServiceSketch>>,
): Promise<{ runtime: FakeRuntime; list: () => Promise<readonly Container[]> }> {
  const runtime = new FakeRuntime();
  const { failed } = await new Timeline(runtime).up(sketch(services));
  expect(failed).toEqual([]);
  return { runtime, list: () => runtime.containers.list() };
}

/** As a container is found after the power went: it ran, nobody stopped it, and it is not there. */
function afterPowerCut(container: Container): Container {
  return { ...container, state: { ...container.state, status: 'exited', exitCode: 137, pid: 0, supervisorPid: 0, stoppedByUser: false } };
}

test('a boot starts what has a restart policy, dependencies first', async () => {
  const { list } = await containersOf({
    web: { restart: 'unless-stopped', depends_on: { db: { condition: 'service_started', required: true } } },
    db: { restart: 'always' },
    retried: { restart: 'on-failure' },
    job: {},
  });
  expect(formatPlan(planBoot((await list()).map(afterPowerCut), new Set()))).toBe(
    [
      'start container demo-db-1 (restart: always)',
      'start container demo-retried-1 (restart: on-failure)',
      'start container demo-web-1 (restart: unless-stopped)',
    ].join('\n'),
  );
});

test('what a person stopped comes back only with always; what the shutdown stopped comes back', async () => {
  const { list } = await containersOf({ a: { restart: 'always' }, u: { restart: 'unless-stopped' }, v: { restart: 'unless-stopped' } });
  const stopped = (await list()).map(afterPowerCut).map((one) => ({ ...one, state: { ...one.state, exitCode: 0, stoppedByUser: true } }));
  const byShutdown = stopped.find(({ config }) => config.name === 'demo-v-1')?.config.id ?? '';
  expect(formatPlan(planBoot(stopped, new Set([byShutdown])))).toBe(
    ['start container demo-a-1 (restart: always)', 'start container demo-v-1 (restart: unless-stopped)'].join('\n'),
  );
});

test('a boot leaves alone what runs and what never ran', async () => {
  const { list } = await containersOf({ a: { restart: 'always' } });
  const running = await list();
  const neverRan = running.map((one) => ({ ...one, state: { ...one.state, status: 'created' as const, startedAt: '' } }));
  expect(formatPlan(planBoot([...running, ...neverRan], new Set()))).toBe('nothing to do');
});

test('a shutdown stops dependents before what they depend on', async () => {
  const { list } = await containersOf({ db: {}, web: { depends_on: { db: { condition: 'service_started', required: true } } } });
  expect(formatPlan(planShutdown(await list()))).toBe(['stop container demo-web-1', 'stop container demo-db-1'].join('\n'));
});
