import { describe, expect, test } from 'bun:test';
import { formatPlan } from '../../../src/model/plan.ts';
import { planKill, planPause, planRemove, planRestart, planStart, planStop, planUnpause } from '../../../src/plan/plan-containers.ts';
import { planDown } from '../../../src/plan/plan-down.ts';
import { FakeRuntime } from '../../helpers/fake-runtime.ts';
import { sketch, Timeline } from '../../helpers/planned.ts';

const desired = sketch({
  web: { depends_on: { db: { condition: 'service_healthy', required: true, restart: true } } },
  db: { healthcheck: { test: ['CMD', 'true'] }, pre_stop: [{ command: ['flush'] }] },
});

async function running() {
  const runtime = new FakeRuntime();
  await new Timeline(runtime).up(desired);
  const containers = await runtime.containers.list();
  return { runtime, selection: { projectName: 'demo', containers, project: desired.project } };
}

describe('stopping', () => {
  test('dependents first', async () => {
    const { runtime, selection } = await running();
    const plan = planStop(selection, 3);
    expect(formatPlan(plan)).toBe('stop container demo-web-1\nstop container demo-db-1');
    runtime.journal.length = 0;
    await new Timeline(runtime).apply(plan);
    expect(runtime.journal).toEqual(['stop demo-web-1 -t 3', 'exec demo-db-1: flush', 'stop demo-db-1 -t 3']);
    expect(formatPlan(planStop({ ...selection, containers: await runtime.containers.list() }))).toBe('nothing to do');
  });

  test('down takes the rest away afterwards', async () => {
    const { selection } = await running();
    const plan = planDown({
      selection,
      removeAnonymousVolumes: false,
      networks: ['demo_default'],
      volumes: ['demo_data'],
      images: [],
      warnings: [],
    });
    expect(formatPlan(plan).split('\n')).toEqual([
      'stop container demo-web-1',
      'stop container demo-db-1',
      'remove container demo-db-1',
      'remove container demo-web-1',
      'remove network demo_default',
      'remove volume demo_data',
    ]);
  });
});

test('start waits for what was started before it', async () => {
  const { runtime, selection } = await running();
  await new Timeline(runtime).apply(planStop(selection));
  const stopped = { ...selection, containers: await runtime.containers.list() };
  expect(formatPlan(planStart(stopped, ['db', 'web']))).toBe(
    'start container demo-db-1\nwait for service db to be healthy (others depend on it)\nstart container demo-web-1',
  );
  expect(() => planStart({ ...stopped, containers: [] }, ['db'])).toThrow('service "db" has no container to start');
  const onlyWeb = stopped.containers.filter(({ config }) => config.name === 'demo-web-1');
  const partial = planStart({ ...stopped, containers: onlyWeb }, ['db', 'web']);
  expect(formatPlan(partial)).toContain('start container demo-web-1');
  expect(partial.warnings).toEqual(['service "db" has no container to start; make it with `up` or `create`']);
});

test('restart takes dependents along that ask for it', async () => {
  const { selection } = await running();
  expect(formatPlan(planRestart(selection, ['db'], { noDeps: false }))).toBe(
    'restart container demo-db-1\nwait for service db to be healthy (others depend on it)\nrestart container demo-web-1',
  );
  expect(formatPlan(planRestart(selection, ['db'], { noDeps: true }))).toBe('restart container demo-db-1');
});

test('kill, pause and rm concern only what they can', async () => {
  const { runtime, selection } = await running();
  runtime.disturb('demo-db-1', { status: 'exited' });
  const now = { ...selection, containers: await runtime.containers.list() };
  expect(formatPlan(planKill(now, 'HUP'))).toBe('kill container demo-web-1');
  expect(formatPlan(planPause(now))).toBe('pause container demo-web-1');
  expect(formatPlan(planRemove(now, { stop: false, volumes: false }))).toBe('remove container demo-db-1');
  expect(formatPlan(planRemove(now, { stop: true, volumes: false }))).toContain('stop container demo-web-1');
});

test('what is paused already, or not paused, is not passed over', async () => {
  const { runtime, selection } = await running();
  runtime.disturb('demo-db-1', { status: 'paused' });
  const now = { ...selection, containers: await runtime.containers.list() };
  expect(formatPlan(planPause(now)).split('\n').sort()).toEqual(['pause container demo-db-1', 'pause container demo-web-1']);
  expect(formatPlan(planUnpause(now)).split('\n').sort()).toEqual(['unpause container demo-db-1', 'unpause container demo-web-1']);
});
