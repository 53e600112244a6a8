import { describe, expect, test } from 'bun:test';
import { LABELS } from '../../../src/model/compose-labels.ts';
import { FakeRuntime } from '../../helpers/fake-runtime.ts';
import { sketch, Timeline, type ServiceSketch } from '../../helpers/planned.ts';

const started = { condition: 'service_started', required: true } as const;
const healthy = { condition: 'service_healthy', required: true } as const;

async function upAndPlan(
  before: ReturnType<typeof sketch>,
  after: ReturnType<typeof sketch>,
  request: Parameters<Timeline['plan']>[1] = {},
  runtime = new FakeRuntime(),
): Promise<string> {
  const timeline = new Timeline(runtime);
  expect((await timeline.up(before)).failed).toEqual([]);
  return timeline.text(after, request);
}

describe('scale', () => {
  test('a number that is free is used again, the highest goes first', async () => {
    const runtime = new FakeRuntime();
    const timeline = new Timeline(runtime);
    await timeline.up(sketch({ a: { scale: 3 } }));
    await runtime.containers.remove('demo-a-2', { force: true });
    expect(await timeline.text(sketch({ a: { scale: 3 } }))).toBe(
      'create container demo-a-2 (services.a: scale 2 -> 3)\nstart container demo-a-2 (new)',
    );
    expect(await timeline.text(sketch({ a: { scale: 1 } }))).toBe(
      'stop container demo-a-3 (services.a: scale 2 -> 1)\nremove container demo-a-3 (services.a: scale 2 -> 1)',
    );
  });

  test('the command line wins over scale, and scale over deploy.replicas; 0 is allowed', async () => {
    const text = (request: Parameters<Timeline['plan']>[1], service: ServiceSketch): Promise<string> =>
      new Timeline(new FakeRuntime()).text(sketch({ a: service }), request);
    expect(await text({ scale: { a: 2 } }, { scale: 1 })).toContain('demo-a-2');
    expect(await text({}, { deploy: { replicas: 2 } })).toContain('demo-a-2');
    expect(await text({}, { scale: 0 })).toBe('create network demo_default (not there)');
  });

  test('a container name and more than one container exclude each other', async () => {
    const plan = new Timeline(new FakeRuntime()).plan(sketch({ a: { container_name: 'x' } }), { scale: { a: 2 } });
    await expect(plan).rejects.toMatchObject({ code: 'conflict', resource: 'services.a.container_name' });
  });
});

describe('services that come and go', () => {
  test('a renamed service is a new one; the old one is an orphan', async () => {
    expect(await upAndPlan(sketch({ a: {} }), sketch({ b: {} }))).toBe(
      [
        'warning: Found orphan containers ([demo-a-1]) for this project. If you removed or renamed this service in your compose file, you can run this command with the --remove-orphans flag to clean it up.',
        'create container demo-b-1 (not there)',
        'start container demo-b-1 (new)',
      ].join('\n'),
    );
  });

  test('one whose profile is off is left alone and no orphan', async () => {
    const both = sketch({ a: {}, debug: { profiles: ['debug'] } });
    const off = { ...sketch({ a: {} }), disabledServices: { debug: both.project.services['debug'] ?? {} } };
    expect(await upAndPlan(both, off)).toBe('nothing to do');
    expect(await upAndPlan(both, off, { removeOrphans: true })).toBe('nothing to do');
  });

  test('a one-off container that runs is no replica and no orphan; one that has ended goes with --remove-orphans', async () => {
    const runtime = new FakeRuntime();
    const timeline = new Timeline(runtime);
    const desired = sketch({ a: {} });
    await timeline.up(desired);
    const { config } = await runtime.containers.get('demo-a-1');
    const labels = { ...config.labels, [LABELS.oneoff]: 'True' };
    const id = await runtime.containers.create({ ...config, name: 'demo-a-run-1', labels });
    await runtime.containers.start(id);
    expect(await timeline.text(desired, { removeOrphans: true })).toBe('nothing to do');
    await runtime.containers.stop(id);
    expect(await timeline.text(desired, { removeOrphans: true })).toBe('remove container demo-a-run-1 (service a is no longer there)');
  });
});

describe('anonymous volumes', () => {
  const desired = (user: string) => sketch({ a: { user, volumes: [{ type: 'volume', target: '/cache' }] } });
  const volumeOf = async (runtime: FakeRuntime): Promise<string> => {
    const mount = (await runtime.containers.get('demo-a-1')).config.mounts[0];
    return mount?.type === 'volume' ? mount.volume : '';
  };

  test('are carried over to the new container, and stay when it is only removed', async () => {
    const runtime = new FakeRuntime();
    const timeline = new Timeline(runtime);
    await timeline.up(desired('1'));
    const before = await volumeOf(runtime);
    await timeline.up(desired('2'));
    expect(await volumeOf(runtime)).toBe(before);
  });

  test('-V renews them and takes the old ones away', async () => {
    const runtime = new FakeRuntime();
    const timeline = new Timeline(runtime);
    await timeline.up(desired('1'));
    const before = await volumeOf(runtime);
    await timeline.up(desired('2'), { renewAnonymousVolumes: true });
    expect(await volumeOf(runtime)).not.toBe(before);
    expect(await runtime.volumes.get(before)).toBeUndefined();
  });
});

describe('drift made by hand', () => {
  test('the network is gone: made again, and its container starts on it', async () => {
    const runtime = new FakeRuntime();
    const timeline = new Timeline(runtime);
    await timeline.up(sketch({ a: {} }));
    await runtime.containers.stop('demo-a-1');
    await runtime.networks.remove('demo_default');
    expect(await timeline.text(sketch({ a: {} }))).toBe(
      'create network demo_default (not there)\nstart container demo-a-1 (it exited with 137)',
    );
  });

  test('dead: made anew', async () => {
    const runtime = new FakeRuntime();
    const timeline = new Timeline(runtime);
    await timeline.up(sketch({ a: {} }));
    runtime.disturb('demo-a-1', { status: 'dead' });
    expect(await timeline.text(sketch({ a: {} }))).toBe('recreate container demo-a-1 (it is dead)\nstart container demo-a-1 (made anew)');
  });
});

describe('depends_on', () => {
  const services = (condition: object, user = '1') =>
    sketch({ web: { depends_on: { db: condition as typeof started } }, db: { user, healthcheck: { test: ['CMD', 'true'] } } });

  test.each([
    ['service_started', started, []],
    ['service_healthy', healthy, ['wait for service db to be healthy (others depend on it)']],
    [
      'service_completed_successfully',
      { ...started, condition: 'service_completed_successfully' },
      ['wait for service db to complete (others depend on it)'],
    ],
  ] as const)('%s', async (_, condition, waits) => {
    const text = await new Timeline(new FakeRuntime()).text(services(condition));
    expect(text.split('\n').slice(3)).toEqual(['start container demo-db-1 (new)', ...waits, 'start container demo-web-1 (new)']);
  });

  test('what is healthy already is not waited for', async () => {
    const runtime = new FakeRuntime();
    const timeline = new Timeline(runtime);
    await timeline.up(services(healthy));
    await runtime.containers.stop('demo-web-1');
    expect(await timeline.text(services(healthy))).toBe('start container demo-web-1 (it exited with 137)');
  });

  test('required: false is waited for, but its failure holds nobody back', async () => {
    const plan = await new Timeline(new FakeRuntime()).plan(services({ ...healthy, required: false }));
    const wait = plan.operations.find(({ kind }) => kind === 'wait-for');
    const start = plan.operations.find(({ id }) => id === 'start container demo-web-1');
    expect(wait).toMatchObject({ optional: true, needs: [] });
    expect([start?.after.includes(wait?.id ?? ''), start?.needs.includes(wait?.id ?? '')]).toEqual([true, false]);
  });

  test('restart: true restarts the dependent of a container that is made anew, after it is healthy again', async () => {
    const condition = { ...healthy, restart: true };
    expect(await upAndPlan(services(condition), services(condition, '2'))).toBe(
      [
        'recreate container demo-db-1 (services.db.user changed: "1" -> "2")',
        'start container demo-db-1 (made anew)',
        'wait for service db to be healthy (others depend on it)',
        'restart container demo-web-1 (it depends on service db, which is made anew)',
      ].join('\n'),
    );
  });

  test('--no-deps touches the named service alone; --always-recreate-deps makes dependencies anew', async () => {
    const before = services(started);
    const after = services(started, '2');
    expect(await upAndPlan(before, after, { services: ['web'], noDeps: true })).toBe('nothing to do');
    expect(await upAndPlan(before, before, { services: ['web'], recreateDependencies: 'force' })).toBe(
      'recreate container demo-db-1 (forced)\nstart container demo-db-1 (made anew)',
    );
  });

  test('--force-recreate of one service leaves its dependencies', async () => {
    expect(await upAndPlan(services(started), services(started), { services: ['web'], recreate: 'force' })).toBe(
      'recreate container demo-web-1 (forced)\nstart container demo-web-1 (made anew)',
    );
  });
});

test('an image that was built or pulled again recreates, even when something else changed in place', async () => {
  const runtime = new FakeRuntime();
  const timeline = new Timeline(runtime);
  await timeline.up(sketch({ a: {} }));
  const image = runtime.addImage('busybox');
  const text = await timeline.text(sketch({ a: { labels: { x: '1' } } }));
  expect(text).toBe(
    `recreate container demo-a-1 (image busybox changed: ${'0'.repeat(12)} -> ${image.id.slice(7, 19)})\nstart container demo-a-1 (made anew)`,
  );
});
