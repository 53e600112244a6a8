import { describe, expect, test } from 'bun:test';
import { FakeRuntime } from '../../helpers/fake-runtime.ts';
import { sketch, Timeline } from '../../helpers/planned.ts';

async function planAfter(
  before: ReturnType<typeof sketch>,
  after: ReturnType<typeof sketch>,
  request: Parameters<Timeline['plan']>[1] = {},
): Promise<string> {
  const timeline = new Timeline(new FakeRuntime());
  const { failed } = await timeline.up(before);
  expect(failed).toEqual([]);
  return timeline.text(after, request);
}

describe('a first up', () => {
  test('makes networks and volumes, then containers, then starts them in dependency order', async () => {
    const desired = sketch(
      {
        web: { depends_on: { db: { condition: 'service_healthy', required: true } }, scale: 2 },
        db: { volumes: [{ type: 'volume', source: 'data', target: '/data' }], healthcheck: { test: ['CMD', 'true'] } },
      },
      { volumes: { data: { name: 'demo_data' } } },
    );
    expect(await new Timeline(new FakeRuntime()).text(desired)).toBe(
      [
        'create network demo_default (not there)',
        'create volume demo_data (not there)',
        'create container demo-db-1 (not there)',
        'create container demo-web-1 (not there)',
        'create container demo-web-2 (not there)',
        'start container demo-db-1 (new)',
        'wait for service db to be healthy (others depend on it)',
        'start container demo-web-1 (new)',
        'start container demo-web-2 (new)',
      ].join('\n'),
    );
  });

  test('pulls an image that is not here', async () => {
    expect(await new Timeline(new FakeRuntime()).text(sketch({ a: { image: 'other:1' } }))).toContain('pull image other:1 (not there)');
  });

  // Timelines are looked at on 2 January 2026, 0:00.
  test.each([
    ['daily', '2026-01-01T01:00:00Z', false],
    ['daily', '2025-12-31T23:00:00Z', true],
    ['weekly', '2025-12-27T00:00:00Z', false],
    ['every_1d12h', '2025-12-31T11:00:00Z', true],
    ['every_1d12h', '2025-12-31T13:00:00Z', false],
  ])('pull_policy %s and an image of %s: pulled again %p', async (policy, namedAt, pulled) => {
    const runtime = new FakeRuntime();
    runtime.addImage('aged:1', {}, namedAt);
    const text = await new Timeline(runtime).text(sketch({ a: { image: 'aged:1', pull_policy: policy } }));
    expect(text.includes(`pull image aged:1 (pull policy ${policy}, last pulled ${namedAt})`)).toBe(pulled);
  });

  test('refuses an image that is not here when it must not be pulled', async () => {
    const plan = new Timeline(new FakeRuntime()).plan(sketch({ a: { image: 'other:1', pull_policy: 'never' } }));
    await expect(plan).rejects.toMatchObject({ code: 'not-found', message: 'image other:1 is not here and pull_policy is never' });
  });

  test('refuses one container name for two services', async () => {
    const plan = new Timeline(new FakeRuntime()).plan(sketch({ a: { container_name: 'x' }, b: { container_name: 'x' } }));
    await expect(plan).rejects.toMatchObject({ code: 'conflict', resource: 'services.b.container_name' });
  });
});

describe('a second up', () => {
  const base = { environment: { PORT: '8080', DB_PASSWORD: 'old' }, command: ['sleep', '1'] };

  test('with nothing changed does nothing', async () => {
    const desired = sketch({ a: base, b: { healthcheck: { test: ['CMD', 'true'] } } });
    expect(await planAfter(desired, desired)).toBe('nothing to do');
  });

  test.each([
    ['environment', { environment: { PORT: '9090', DB_PASSWORD: 'old' } }, 'services.a.environment.PORT changed: "8080" -> "9090"'],
    ['a secret', { environment: { PORT: '8080', DB_PASSWORD: 'new' } }, 'services.a.environment.DB_PASSWORD changed: "***" -> "***"'],
    ['command', { command: ['sleep', '2'] }, 'services.a.command changed: ["sleep","1"] -> ["sleep","2"]'],
    ['a new key', { user: '1' }, 'services.a.user added: "1"'],
  ])('with another %s recreates that service alone, and says why', async (_, change, cause) => {
    const before = sketch({ a: base, b: {} });
    const after = sketch({ a: { ...base, ...change }, b: {} });
    expect(await planAfter(before, after)).toBe(`recreate container demo-a-1 (${cause})\nstart container demo-a-1 (made anew)`);
  });

  test.each([
    ['a limit', { mem_limit: '1048576' }, 'services.a.mem_limit added: "1048576"'],
    ['a restart policy', { restart: 'always' }, 'services.a.restart added: "always"'],
    ['labels', { labels: { x: 'y' } }, 'services.a.labels added: {"x":"y"}'],
    [
      'ports',
      { ports: [{ mode: 'ingress', target: 80, published: '80', protocol: 'tcp' }] },
      'services.a.ports added: [{"mode":"ingress","target":80,"published":"80","protocol":…',
    ],
    ['aliases', { networks: { default: { aliases: ['z'] } } }, 'services.a.networks.default.aliases added: ["z"]'],
  ])('with another %s updates in place', async (_, change, cause) => {
    expect(await planAfter(sketch({ a: base }), sketch({ a: { ...base, ...change } }))).toBe(`update container demo-a-1 (${cause})`);
  });

  test('with another image of the same name recreates', async () => {
    const runtime = new FakeRuntime();
    const timeline = new Timeline(runtime);
    await timeline.up(sketch({ a: {} }));
    runtime.addImage('busybox');
    expect(await timeline.text(sketch({ a: {} }))).toContain(
      'recreate container demo-a-1 (image busybox changed: 000000000000 -> 000000000000)',
    );
  });

  test('with another network definition stops its users, makes it anew and starts them', async () => {
    const net = (v: string) => ({ networks: { net: { name: 'demo_net', labels: { v } }, default: { name: 'demo_default' } } });
    const services = { a: { networks: { net: null } }, b: {} };
    expect(await planAfter(sketch(services, net('1')), sketch(services, net('2')))).toBe(
      [
        'stop container demo-a-1 (its network demo_net is made anew)',
        'remove network demo_net (networks.net.labels.v changed: "1" -> "2")',
        'create network demo_net (networks.net.labels.v changed: "1" -> "2")',
        'start container demo-a-1 (its network is made anew)',
      ].join('\n'),
    );
  });

  test('recreates what borrows the network of a recreated service', async () => {
    const services = (port: string) => ({
      a: { environment: { PORT: port } },
      b: { network_mode: 'service:a', depends_on: { a: { condition: 'service_started' as const, required: true } } },
    });
    expect(await planAfter(sketch(services('1')), sketch(services('2')))).toContain(
      'recreate container demo-b-1 (it shares with service a, which is made anew)',
    );
  });

  test('restarts a dependent that asks for it', async () => {
    const services = (port: string) => ({
      a: { environment: { PORT: port } },
      b: { depends_on: { a: { condition: 'service_started' as const, required: true, restart: true } } },
    });
    expect(await planAfter(sketch(services('1')), sketch(services('2')))).toContain(
      'restart container demo-b-1 (it depends on service a, which is made anew)',
    );
  });
});

test('a start that was cut off before its hooks is made up for; one whose hooks have run, or failed, is not', async () => {
  const runtime = new FakeRuntime();
  const timeline = new Timeline(runtime);
  const desired = sketch({ a: { post_start: [{ command: ['true'] }] } });
  await timeline.up(desired);
  expect(await timeline.text(desired)).toBe('nothing to do');
  const [container] = await runtime.containers.list();
  const id = container?.config.id ?? '';
  await runtime.containers.stop(id);
  await runtime.containers.start(id, { owesHooks: true });
  expect(await timeline.text(desired)).toBe('restart container demo-a-1 (its start was cut off before its post_start hooks had run)');
  await timeline.up(desired);
  expect(await timeline.text(desired)).toBe('nothing to do');
});

describe('policies', () => {
  const a = sketch({ a: {} });
  const changed = sketch({ a: { user: '1' } });

  test('--force-recreate', async () => {
    expect(await planAfter(a, a, { recreate: 'force' })).toBe('recreate container demo-a-1 (forced)\nstart container demo-a-1 (made anew)');
  });

  test('--no-recreate', async () => {
    expect(await planAfter(a, changed, { recreate: 'never' })).toBe('nothing to do');
  });

  test('--no-start makes everything and starts nothing', async () => {
    expect(await new Timeline(new FakeRuntime()).text(a, { start: false })).toBe(
      'create network demo_default (not there)\ncreate container demo-a-1 (not there)',
    );
  });

  test('a named service brings what it depends on, unless --no-deps', async () => {
    const desired = sketch({ a: { depends_on: { b: { condition: 'service_started', required: true } } }, b: {}, c: {} });
    const timeline = new Timeline(new FakeRuntime());
    expect(await timeline.text(desired, { services: ['a'] })).not.toContain('demo-c-1');
    expect(await timeline.text(desired, { services: ['a'] })).toContain('demo-b-1');
    expect(await timeline.text(desired, { services: ['a'], noDeps: true })).not.toContain('demo-b-1');
  });

  test('an unknown service is an error', async () => {
    await expect(new Timeline(new FakeRuntime()).plan(a, { services: ['x'] })).rejects.toMatchObject({ message: 'no such service: x' });
    await expect(new Timeline(new FakeRuntime()).plan(a, { scale: { x: 1 } })).rejects.toMatchObject({ message: 'no such service: x' });
  });
});

describe('scale and orphans', () => {
  test('grows with the free numbers and shrinks from the highest', async () => {
    const one = sketch({ a: {} });
    const three = sketch({ a: { scale: 3 } });
    expect(await planAfter(one, three)).toBe(
      [
        'create container demo-a-2 (services.a: scale 1 -> 3)',
        'create container demo-a-3 (services.a: scale 1 -> 3)',
        'start container demo-a-2 (new)',
        'start container demo-a-3 (new)',
      ].join('\n'),
    );
    expect(await planAfter(three, one)).toBe(
      [
        'stop container demo-a-2 (services.a: scale 3 -> 1)',
        'remove container demo-a-2 (services.a: scale 3 -> 1)',
        'stop container demo-a-3 (services.a: scale 3 -> 1)',
        'remove container demo-a-3 (services.a: scale 3 -> 1)',
      ].join('\n'),
    );
  });

  test('orphans are reported, and removed when asked', async () => {
    const both = sketch({ a: {}, gone: {} });
    const one = sketch({ a: {} });
    expect(await planAfter(both, one)).toStartWith('warning: Found orphan containers ([demo-gone-1])');
    expect(await planAfter(both, one, { removeOrphans: true })).toBe(
      'stop container demo-gone-1 (service gone is no longer there)\nremove container demo-gone-1 (service gone is no longer there)',
    );
  });
});

describe('drift', () => {
  async function planAfterDrift(drift: (runtime: FakeRuntime) => void | Promise<void>): Promise<string> {
    const runtime = new FakeRuntime();
    const timeline = new Timeline(runtime);
    await timeline.up(sketch({ a: {} }));
    await drift(runtime);
    return timeline.text(sketch({ a: {} }));
  }

  test('killed', async () => {
    expect(
      await planAfterDrift((runtime) => {
        runtime.disturb('demo-a-1', { status: 'exited', exitCode: 137 });
      }),
    ).toBe('start container demo-a-1 (it exited with 137)');
  });

  test('paused', async () => {
    expect(
      await planAfterDrift((runtime) => {
        runtime.disturb('demo-a-1', { status: 'paused' });
      }),
    ).toBe('unpause container demo-a-1 (it is paused)');
  });

  test('renamed', async () => {
    expect(
      await planAfterDrift(async (runtime) => runtime.containers.rename((await runtime.containers.get('demo-a-1')).config.id, 'other')),
    ).toBe('rename container demo-a-1 (it is called other)');
  });

  test('removed', async () => {
    expect(await planAfterDrift(async (runtime) => runtime.containers.remove('demo-a-1', { force: true }))).toBe(
      'create container demo-a-1 (not there)\nstart container demo-a-1 (new)',
    );
  });

  test('an interrupted recreation leaves nothing behind', async () => {
    expect(
      await planAfterDrift(async (runtime) => {
        const { config } = await runtime.containers.get('demo-a-1');
        await runtime.containers.create({ ...config, name: '0123456789ab_demo-a-1' });
      }),
    ).toBe('remove container 0123456789ab_demo-a-1 (left over from an interrupted recreation)');
  });
});

describe('dependencies', () => {
  test('a job that others wait for runs again, as with docker compose', async () => {
    const runtime = new FakeRuntime({ exits: { 'demo-job-1': 0 } });
    const desired = sketch({ job: {}, web: { depends_on: { job: { condition: 'service_completed_successfully', required: true } } } });
    const timeline = new Timeline(runtime);
    await timeline.up(desired);
    expect(await timeline.text(desired)).toBe('start container demo-job-1 (it exited with 0)');
  });

  test('a circle is an error that shows it', async () => {
    const needs = (name: string) => ({ depends_on: { [name]: { condition: 'service_started' as const, required: true } } });
    const plan = new Timeline(new FakeRuntime()).plan(sketch({ a: needs('b'), b: needs('a') }));
    await expect(plan).rejects.toMatchObject({ message: 'dependency cycle detected: a -> b -> a' });
  });
});
