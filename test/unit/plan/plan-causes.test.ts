import { expect, test } from 'bun:test';
import type { Project } from '../../../src/model/project.ts';
import type { Desired } from '../../../src/plan/desired.ts';
import { FakeRuntime } from '../../helpers/fake-runtime.ts';
import { sketch, Timeline, type ServiceSketch } from '../../helpers/planned.ts';

const VOLUME = { type: 'volume', source: 'data', target: '/data' } as const;
const PORT = { mode: 'ingress', target: 80, published: '80', protocol: 'tcp' } as const;
const BASE: ServiceSketch = {
  environment: { PORT: '8080' },
  command: ['sleep', '1'],
  volumes: [VOLUME],
  ports: [PORT],
  labels: { a: '1' },
  mem_limit: '67108864',
  healthcheck: { test: ['CMD', 'true'], interval: '1s' },
};
const REST: Partial<Project> = {
  volumes: { data: { name: 'demo_data' }, more: { name: 'demo_more' } },
  networks: { default: { name: 'demo_default' }, back: { name: 'demo_back' } },
};

function desiredWith(change: ServiceSketch): Desired {
  return sketch({ a: { ...BASE, ...change }, b: {} }, REST);
}

/** The plan after `change`, once the base is up; applies it, and then there must be nothing left to do. */
async function planOf(change: ServiceSketch): Promise<string> {
  const runtime = new FakeRuntime();
  runtime.addImage('busybox:2');
  const timeline = new Timeline(runtime);
  await timeline.up(desiredWith({}));
  const after = desiredWith(change);
  const text = await timeline.text(after);
  const { failed } = await timeline.up(after);
  expect(failed).toEqual([]);
  expect(await timeline.text(after)).toBe('nothing to do');
  return text;
}

test.each<[what: string, change: ServiceSketch, cause: string]>([
  ['a variable', { environment: { PORT: '9090' } }, 'services.a.environment.PORT changed: "8080" -> "9090"'],
  ['another variable', { environment: { PORT: '8080', MODE: 'x' } }, 'services.a.environment.MODE added: "x"'],
  ['no variable', { environment: {} }, 'services.a.environment.PORT removed: "8080"'],
  ['a variable without a value', { environment: { PORT: null } }, 'services.a.environment.PORT changed: "8080" -> null'],
  ['a secret variable', { environment: { PORT: '8080', DB_PASSWORD: 'x' } }, 'services.a.environment.DB_PASSWORD added: "***"'],
  ['command', { command: ['sleep', '2'] }, 'services.a.command changed: ["sleep","1"] -> ["sleep","2"]'],
  ['entrypoint', { entrypoint: ['sh'] }, 'services.a.entrypoint added: ["sh"]'],
  ['image name', { image: 'busybox:2' }, 'services.a.image changed: "busybox" -> "busybox:2"'],
  ['volume', { volumes: [{ ...VOLUME, read_only: true }] }, 'services.a.volumes[/data].read_only added: true'],
  [
    'bind mount',
    { volumes: [{ type: 'bind', source: '/x', target: '/data' }] },
    'services.a.volumes[/data].source changed: "data" -> "/x"; services.a.volumes[/data].type changed: "volume" -> "bind"',
  ],
  ['tmpfs', { tmpfs: ['/run'] }, 'services.a.tmpfs added: ["/run"]'],
  ['address', { networks: { default: { ipv4_address: '10.0.0.5' } } }, 'services.a.networks.default.ipv4_address added: "10.0.0.5"'],
  ['expose', { expose: ['90'] }, 'services.a.expose added: ["90"]'],
  ['health check', { healthcheck: { test: ['CMD', 'true'], interval: '2s' } }, 'services.a.healthcheck.interval changed: "1s" -> "2s"'],
  ['user', { user: '1' }, 'services.a.user added: "1"'],
  ['capability', { cap_add: ['NET_ADMIN'] }, 'services.a.cap_add added: ["NET_ADMIN"]'],
  ['terminal', { tty: true }, 'services.a.tty added: true'],
  ['init', { init: true }, 'services.a.init added: true'],
  ['grace period', { stop_grace_period: '1s' }, 'services.a.stop_grace_period added: "1s"'],
  ['stop signal', { stop_signal: 'INT' }, 'services.a.stop_signal added: "INT"'],
  ['kernel parameter', { sysctls: { 'a.b': '1' } }, 'services.a.sysctls added: {"a.b":"1"}'],
  ['host entry', { extra_hosts: ['a=1.2.3.4'] }, 'services.a.extra_hosts added: ["a=1.2.3.4"]'],
  ['log driver', { logging: { driver: 'none' } }, 'services.a.logging added: {"driver":"none"}'],
  ['what needs a new container and what does not', { labels: { a: '2' }, user: '1' }, 'services.a.user added: "1"'],
  [
    'more than three fields',
    { environment: { PORT: '1', A: '1', B: '2' }, user: '2', tty: true },
    'services.a.environment.A added: "1"; services.a.environment.B added: "2"; services.a.environment.PORT changed: "8080" -> "1"; and 2 more',
  ],
])('another %s: a new container', async (_, change, cause) => {
  expect(await planOf(change)).toBe(`recreate container demo-a-1 (${cause})\nstart container demo-a-1 (made anew)`);
});

test.each<[what: string, change: ServiceSketch, cause: string]>([
  ['label', { labels: { a: '2' } }, 'services.a.labels.a changed: "1" -> "2"'],
  ['port', { ports: [{ ...PORT, published: '81' }] }, 'services.a.ports[80].published changed: "80" -> "81"'],
  ['alias', { networks: { default: { aliases: ['x'] } } }, 'services.a.networks.default.aliases added: ["x"]'],
  ['memory limit', { mem_limit: '134217728' }, 'services.a.mem_limit changed: "67108864" -> "134217728"'],
  ['limit of processes', { pids_limit: 5 }, 'services.a.pids_limit added: 5'],
  [
    'limit below deploy',
    { deploy: { resources: { limits: { cpus: 1 } } } },
    'services.a.deploy added: {"resources":{"limits":{"cpus":1}}}',
  ],
  ['restart policy', { restart: 'always' }, 'services.a.restart added: "always"'],
  ['hook', { post_start: [{ command: ['x'] }] }, 'services.a.post_start added: [{"command":["x"]}]'],
  ['extension of ours', { 'x-mydocker': { restart_on_unhealthy: true } }, 'services.a.x-mydocker added: {"restart_on_unhealthy":true}'],
  [
    'dependency',
    { depends_on: { b: { condition: 'service_started', required: true } } },
    'services.a.depends_on.b added: {"condition":"service_started"}',
  ],
])('another %s: the same container', async (_, change, cause) => {
  expect(await planOf(change)).toBe(`update container demo-a-1 (${cause})`);
});

test.each<[what: string, change: ServiceSketch]>([
  ['extension of others', { 'x-foo': 1 }],
  ['profile', { profiles: ['x'] }],
  ['pull policy', { pull_policy: 'missing' }],
])('another %s: nothing', async (_, change) => {
  expect(await planOf(change)).toBe('nothing to do');
});

test('another network, another volume: made first', async () => {
  expect(await planOf({ networks: { default: null, back: null } })).toBe(
    [
      'create network demo_back (not there)',
      'recreate container demo-a-1 (services.a.networks.back added)',
      'start container demo-a-1 (made anew)',
    ].join('\n'),
  );
  expect(await planOf({ volumes: [{ ...VOLUME, source: 'more' }] })).toBe(
    [
      'create volume demo_more (not there)',
      'recreate container demo-a-1 (services.a.volumes[/data].source changed: "data" -> "more")',
      'start container demo-a-1 (made anew)',
    ].join('\n'),
  );
});

test('a network or volume that is called otherwise now', async () => {
  const timeline = new Timeline(new FakeRuntime());
  await timeline.up(desiredWith({}));
  const renamed = sketch(
    { a: BASE, b: {} },
    { ...REST, volumes: { data: { name: 'own' } }, networks: { ...REST.networks, default: { name: 'net' } } },
  );
  expect(await timeline.text(renamed)).toBe(
    [
      'create network net (not there)',
      'create volume own (not there)',
      'recreate container demo-a-1 (services.a.networks: not on network "net"; services.a.volumes[/data]: volume changed: "demo_data" -> "own")',
      'recreate container demo-b-1 (services.b.networks: not on network "net")',
      'start container demo-a-1 (made anew)',
      'start container demo-b-1 (made anew)',
    ].join('\n'),
  );
});

test('contents: a config, a secret, a watched file; never what is in them', async () => {
  const service: ServiceSketch = {
    configs: [{ source: 'app' }, { source: 'inline' }],
    secrets: [{ source: 'key' }, { source: 'token' }],
    volumes: [{ type: 'bind', source: '/p/web.conf', target: '/etc/web.conf' }],
    'x-mydocker': { watch_content: ['/etc/web.conf'] },
  };
  const desired = (digest: string, inline: string, token: string): Desired => ({
    ...sketch(
      { a: service },
      {
        configs: { app: { file: '/p/app.conf' }, inline: { content: inline } },
        secrets: { key: { file: '/elsewhere/key' }, token: { environment: 'TOKEN' } },
      },
    ),
    variableContents: new Map([['secrets/token', token]]),
    contents: new Map(['/p/app.conf', '/elsewhere/key', '/p/web.conf'].map((path) => [path, digest] as const)),
  });
  const timeline = new Timeline(new FakeRuntime());
  await timeline.up(desired('1', 'one', 't1'));
  expect(await timeline.text(desired('1', 'one', 't1'))).toBe('nothing to do');
  const text = await timeline.text(desired('2', 'two', 't2'));
  expect(text.split('\n')[0]).toBe(
    `recreate container demo-a-1 (${[
      'services.a.configs[app]: the content of ./app.conf changed',
      'services.a.secrets[key]: the content of /elsewhere/key changed',
      'services.a.volumes[/etc/web.conf]: the content of ./web.conf changed',
      'services.a: the content of /inline changed',
      'services.a: the content of /run/secrets/token changed',
    ].join('; ')})`,
  );
  expect(text).not.toMatch(/one|two|t1|t2/);
});

test('the project directory was moved', async () => {
  const timeline = new Timeline(new FakeRuntime());
  const before = desiredWith({});
  await timeline.up(before);
  const moved = { ...before, workingDir: '/q' };
  expect(await timeline.text(moved)).toBe(
    'update container demo-a-1 (project directory changed: /p -> /q)\nupdate container demo-b-1 (project directory changed: /p -> /q)',
  );
  await timeline.up(moved);
  expect(await timeline.text(moved)).toBe('nothing to do');
});
