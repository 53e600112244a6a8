import { describe, expect, test } from 'bun:test';
import { useSandbox } from '../helpers/sandbox.ts';

const sandbox = useSandbox();

const FILE = `
services:
  web:
    image: nginx:\${TAG:-1}
    depends_on: [db]
    ports: ["8080:80"]
  db:
    image: postgres
    volumes: ["data:/var/lib/data"]
    environment: {PASSWORD: "a$$b"}
  tool:
    build: .
    profiles: [dev]
volumes: {data: }
`;

describe('config', () => {
  test('prints a model that it reads back as the same', async () => {
    sandbox.write('compose.yaml', FILE);
    const yaml = await sandbox.compose(['config']);
    sandbox.write('again.yaml', `${yaml}\n`);
    expect(await sandbox.compose(['-f', 'again.yaml', 'config'])).toBe(yaml);
    const json = JSON.parse(await sandbox.compose(['-f', 'again.yaml', 'config', '--format', 'json'])) as {
      services: Record<string, unknown>;
    };
    expect(json.services['db']).toEqual({
      command: null,
      entrypoint: null,
      environment: { PASSWORD: 'a$$b' },
      image: 'postgres',
      networks: { default: null },
      volumes: [{ type: 'volume', source: 'data', target: '/var/lib/data', volume: {} }],
    });
  });

  test.each([
    [['--services'], 'db\nweb'],
    [['--volumes'], 'data'],
    [['--networks'], 'default'],
    [['--profiles'], 'dev'],
    [['--images'], 'postgres\nnginx:1'],
    [['--images', 'db'], 'postgres'],
    [['-q'], ''],
  ])('%j', async (flags, expected) => {
    sandbox.write('compose.yaml', FILE);
    expect((await sandbox.compose(['config', ...flags])).split('\n').sort()).toEqual(expected.split('\n').sort());
  });

  test("the hash of a service is Docker Compose's, and changes with the service only", async () => {
    sandbox.write('compose.yaml', FILE);
    const before = await sandbox.compose(['config', '--hash', 'db']);
    expect(before).toMatch(/^db [0-9a-f]{64}$/);
    sandbox.write(
      'compose.yaml',
      FILE.replace('{PASSWORD: "a$$b"}', () => '["PASSWORD=a$$b"]'),
    );
    expect(await sandbox.compose(['config', '--hash', 'db'])).toBe(before);
    sandbox.write('compose.yaml', FILE.replace('image: postgres', 'image: postgres:2'));
    expect(await sandbox.compose(['config', '--hash', 'db'])).not.toBe(before);
  });

  test('the .env of the directory gives variables, and only as Compose reads them', async () => {
    sandbox.write('compose.yaml', FILE);
    sandbox.write('.env', 'TAG=dot\n');
    expect(await sandbox.compose(['config', '--images', 'web'])).toContain('nginx:dot');
    expect(await sandbox.compose(['config', '--images', 'web'], { env: { COMPOSE_DISABLE_ENV_FILE: '1' } })).toContain('nginx:1');
  });

  test('--compatibility prints the model before it is normalised', async () => {
    sandbox.write('compose.yaml', 'services: {a: {build: .}}');
    expect(await sandbox.compose(['--compatibility', 'config'])).not.toContain('dockerfile');
    expect(await sandbox.compose(['config'])).toContain('dockerfile');
  });

  test('explains where a value comes from', async () => {
    sandbox.write('compose.yaml', FILE);
    sandbox.write('.env', 'TAG=dot\n');
    expect(await sandbox.compose(['config', '--explain', 'services.web.image'])).toBe(
      'services.web.image = nginx:dot\n  defined at compose.yaml:4:12: nginx:${TAG:-1}\n    TAG = "dot" from .env:1:1: TAG=dot',
    );
  });

  test('all problems are shown, each with its place, and no stack', async () => {
    sandbox.write('compose.yaml', 'services:\n  web: {imag: x, tty: "maybe"}\n');
    const { status, stderr } = await sandbox.tryCompose(['config']);
    expect(status).toBe(1);
    expect(stderr).toContain('error: services.web: unknown key "imag" (compose.yaml:2:9)\n  hint: did you mean image?');
    expect(stderr).toContain('error: services.web.tty: "maybe" is not a boolean (compose.yaml:2:23)');
    expect(stderr).not.toContain('    at ');
  });
});
