import { describe, expect, test } from 'bun:test';
import { applyPlan, throwFailures } from '../../../src/apply/apply-plan.ts';
import { DRY_RUN_HANDLERS } from '../../../src/apply/dry-run.ts';
import { FakeRuntime } from '../../helpers/fake-runtime.ts';
import { sketch, Timeline } from '../../helpers/planned.ts';

const on = (
  service: string,
  condition: 'service_healthy' | 'service_completed_successfully' | 'service_started' = 'service_started',
  required = true,
) => ({
  depends_on: { [service]: { condition, required } },
});

describe('applying', () => {
  test('does what the plan says, dependencies first', async () => {
    const runtime = new FakeRuntime();
    await new Timeline(runtime).up(sketch({ web: on('db'), db: {} }));
    expect(runtime.journal).toEqual([
      'create network demo_default',
      'create demo-db-1',
      'create demo-web-1',
      'start demo-db-1',
      'start demo-web-1',
    ]);
  });

  test('makes the new container before it takes the old one away', async () => {
    const runtime = new FakeRuntime();
    const timeline = new Timeline(runtime);
    await timeline.up(sketch({ a: {} }));
    const old = (await runtime.containers.get('demo-a-1')).config.id.slice(0, 12);
    runtime.journal.length = 0;
    await timeline.up(sketch({ a: { user: '1' } }));
    expect(runtime.journal).toEqual([
      `create ${old}_demo-a-1`,
      'stop demo-a-1',
      'remove demo-a-1',
      `rename ${old}_demo-a-1 demo-a-1`,
      'start demo-a-1',
    ]);
  });

  test('carries anonymous volumes over a recreation, unless they are to be renewed', async () => {
    const runtime = new FakeRuntime();
    const timeline = new Timeline(runtime);
    const volumes = { volumes: [{ type: 'volume' as const, target: '/anon' }] };
    const volumeOf = async () =>
      (await runtime.containers.get('demo-a-1')).config.mounts.map((mount) => (mount.type === 'volume' ? mount.volume : ''));
    await timeline.up(sketch({ a: volumes }));
    const first = await volumeOf();
    await timeline.up(sketch({ a: { ...volumes, user: '1' } }));
    expect(await volumeOf()).toEqual(first);
    await timeline.up(sketch({ a: volumes }), { renewAnonymousVolumes: true });
    expect(await volumeOf()).not.toEqual(first);
  });

  test('what another command has removed since the plan was made is no failure to remove it', async () => {
    const runtime = new FakeRuntime();
    const timeline = new Timeline(runtime);
    await timeline.up(sketch({ a: {} }));
    const fewer = sketch({ a: { scale: 0 } });
    const plan = await timeline.plan(fewer);
    await runtime.containers.remove('demo-a-1', { force: true });
    const { done, failed } = await timeline.apply(plan, fewer);
    expect(failed).toEqual([]);
    expect(done.map(({ kind }) => kind)).toContain('stop-container');
  });

  test('a failure holds back what needs it and nothing else', async () => {
    const runtime = new FakeRuntime({ failures: { 'start demo-db-1': 'no' } });
    const { failed, skipped } = await new Timeline(runtime).up(sketch({ web: on('db'), db: {}, other: {} }));
    expect(failed.map(({ operation }) => operation.id)).toEqual(['start container demo-db-1']);
    expect(skipped.map(({ id }) => id)).toEqual(['start container demo-web-1']);
    expect(runtime.journal).toContain('start demo-other-1');
  });

  test('nothing starts when a container cannot be made', async () => {
    const runtime = new FakeRuntime({ failures: { 'create demo-a-1': 'no' } });
    await new Timeline(runtime).up(sketch({ a: {}, b: {} }));
    expect(runtime.journal.filter((entry) => entry.startsWith('start'))).toEqual([]);
  });

  test('an unhealthy dependency fails at once and is named', async () => {
    const runtime = new FakeRuntime({ health: { 'demo-db-1': 'unhealthy' } });
    const result = await new Timeline(runtime).up(
      sketch({ web: on('db', 'service_healthy'), db: { healthcheck: { test: ['CMD', 'x'] } } }),
    );
    expect(() => {
      throwFailures(result);
    }).toThrow('dependency failed to start: container demo-db-1 is unhealthy');
  });

  test('a failed job is named with its exit code; an optional one holds nobody back', async () => {
    const runtime = new FakeRuntime({ exits: { 'demo-job-1': 3 } });
    const required = await new Timeline(runtime).up(sketch({ job: {}, web: on('job', 'service_completed_successfully') }));
    expect(() => {
      throwFailures(required);
    }).toThrow('service "job" didn\'t complete successfully: exit 3');
    const other = new FakeRuntime({ exits: { 'demo-job-1': 3 } });
    const optional = await new Timeline(other).up(sketch({ job: {}, web: on('job', 'service_completed_successfully', false) }));
    throwFailures(optional);
    expect(other.journal).toContain('start demo-web-1');
  });

  test('at most so many operations run at once', async () => {
    const desired = sketch({ a: { scale: 8 } });
    const plan = await new Timeline(new FakeRuntime()).plan(desired);
    let now = 0;
    let most = 0;
    const slow = async (): Promise<void> => {
      most = Math.max(most, ++now);
      await Promise.resolve();
      await Promise.resolve();
      now--;
    };
    const handlers = { ...DRY_RUN_HANDLERS, 'create-container': slow, 'start-container': slow };
    await applyPlan(plan, handlers, { parallel: 3, onEvent: () => undefined });
    expect(most).toBe(3);
  });

  test('an interrupted run begins nothing new', async () => {
    const plan = await new Timeline(new FakeRuntime()).plan(sketch({ a: {} }));
    const abort = new AbortController();
    abort.abort();
    const { done, skipped } = await applyPlan(plan, DRY_RUN_HANDLERS, { parallel: 1, onEvent: () => undefined, signal: abort.signal });
    expect([done.length, skipped.length]).toEqual([0, plan.operations.length]);
  });
});
