import { expect, test } from 'bun:test';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { startMemoryRegistry } from '../helpers/memory-registry.ts';
import { expectSuccess, run } from '../helpers/run.ts';
import { useSandbox } from '../helpers/sandbox.ts';

const sandbox = useSandbox();
const env = (): Record<string, string> => ({ XDG_CACHE_HOME: join(sandbox.directory, 'cache') });
const url = (): string => `file://${sandbox.directory}/stack.git`;
const compose = (args: readonly string[]): Promise<string> => sandbox.compose(args, { env: env() });
const checkouts = (): string[] => {
  const cache = join(sandbox.directory, 'cache/mydocker-compose');
  return readdirSync(cache).flatMap((repository) => readdirSync(join(cache, repository)));
};

async function git(...args: readonly string[]): Promise<void> {
  const who = ['-c', 'user.name=a', '-c', 'user.email=a@b', '-c', 'init.defaultBranch=main'];
  expectSuccess(await run('git', ['-C', join(sandbox.directory, 'work'), ...who, ...args]));
}

/** A repository with a stack at its top and another one in a folder. */
async function makeRepository(): Promise<void> {
  const service = 'image: busybox, command: [sleep, "1000"], init: true';
  sandbox.write('work/compose.yaml', `services: {top: {${service}, volumes: ["./content:/content:ro"]}}\n`);
  sandbox.write('work/content/page', 'first');
  sandbox.write('work/db/docker-compose.yml', `services: {db: {${service}, env_file: [db.env]}}\n`);
  sandbox.write('work/db/db.env', 'FROM=repository\n');
  await git('init', '-q');
  await commit();
  await git('clone', '-q', '--bare', '.', '../stack.git');
}

async function commit(): Promise<void> {
  await git('add', '-A');
  await git('commit', '-qm', 'a change');
}

test('a project that is in a repository: its folder and name are those of the checkout, and a new commit goes on with it', async () => {
  await makeRepository();
  const up = ['-f', `${url()}#main`, 'up', '-d', '-t', '0'];
  await compose(up);
  expect(await compose(['-p', 'stack', 'exec', '-T', 'top', 'cat', '/content/page'])).toBe('first');
  expect(checkouts()).toHaveLength(1);
  await compose(up);
  expect(checkouts()).toHaveLength(1);
  sandbox.write('work/content/page', 'second');
  await commit();
  await git('push', '-q', url(), 'main');
  await compose(up);
  expect(await compose(['-p', 'stack', 'exec', '-T', 'top', 'cat', '/content/page'])).toBe('second');
  expect(checkouts()).toHaveLength(2);
  await compose(['-f', `${url()}#main`, 'down', '-t', '0']);
});

test('include and extends take files of repositories, whose relative paths are their own', async () => {
  await makeRepository();
  sandbox.write(
    'compose.yaml',
    `
name: near
include: ["${url()}#main:db"]
services:
  mine: {extends: {file: "${url()}#:compose.yaml", service: top}}
`,
  );
  const { services } = JSON.parse(await compose(['config', '--format', 'json'])) as {
    services: Record<string, { environment?: Record<string, string>; volumes?: { source: string }[] }>;
  };
  expect(services['db']?.environment).toEqual({ FROM: 'repository' });
  expect(services['mine']?.volumes?.[0]?.source).toMatch(/\/cache\/mydocker-compose\/[0-9a-f]{12}\/[0-9a-f]{40}\/stack\/content$/);
  expect(checkouts()).toHaveLength(1);
});

test('what cannot be fetched is told with its place, and nothing is left of the attempt', async () => {
  await makeRepository();
  const failing = async (reference: string): Promise<string> => {
    sandbox.write('compose.yaml', `name: near\ninclude: ["${reference}"]\n`);
    const { status, stderr } = await sandbox.tryCompose(['config'], { env: env() });
    expect(status).toBe(1);
    return stderr;
  };
  expect(await failing(`${url()}#nowhere`)).toContain('include[0]: the repository has no branch or tag "nowhere" (compose.yaml:2:11)');
  expect(await failing(`file://${sandbox.directory}/none.git`)).toMatch(/include\[0\]: git cannot fetch it: .*compose\.yaml:2:11/s);
  expect(await failing(`${url()}#main:content`)).toContain('there is no compose.yaml, compose.yml');
  expect(await failing(`${url()}#main:../..`)).toContain('leads out of the repository');
  expect(await failing('oci://localhost/stack')).toContain('cannot reach the registry localhost');
  expect(checkouts()).toHaveLength(1);
});

test('a published project is run from the registry, with its env files and what it extends, and updated there', async () => {
  const registry = await startMemoryRegistry();
  sandbox.afterTest(async () => registry.close());
  const name = `${registry.address}/team/stack:1`;
  sandbox.write('db.env', 'KIND=published\n');
  sandbox.write('base/base.yaml', 'services: {base: {image: busybox, init: true, command: [sleep, "1000"]}}\n');
  const text = (greeting: string): string => `# Kept.
name: team
services:
  web:
    extends: {file: base/base.yaml, service: base}
    env_file: [db.env, {path: not-there.env, required: false}]
    environment: {GREETING: ${greeting}}
`;
  sandbox.write('compose.yaml', text('hello'));
  const refused = await sandbox.tryCompose(['publish', name]);
  expect([refused.status, refused.stderr]).toEqual([
    1,
    expect.stringContaining('service "web" has environment variable(s) or env files declared') as string,
  ]);
  expect(await compose(['--dry-run', 'publish', '--with-env', name])).toBe('');
  expect((await sandbox.tryCompose(['-f', `oci://${name}`, 'config'], { env: env() })).status).toBe(1);
  await compose(['publish', '--with-env', name]);
  const run = ['-f', `oci://${name}`];
  const show = async (): Promise<string> => compose(['-p', 'team', 'exec', '-T', 'web', 'sh', '-c', 'echo $GREETING $KIND']);
  await compose([...run, 'up', '-d', '-t', '0']);
  expect(await show()).toBe('hello published');
  sandbox.write('compose.yaml', text('again'));
  await compose(['publish', '--with-env', '--oci-version', '1.0', name]);
  await compose([...run, 'up', '-d', '-t', '0']);
  expect(await show()).toBe('again published');
  await compose([...run, 'down', '-t', '0']);
});

test('what cannot be published is refused, or asked for', async () => {
  const publish = async (text: string, input = ''): Promise<readonly [number, string]> => {
    sandbox.write('compose.yaml', text);
    const { status, stderr } = await sandbox.tryCompose(['publish', '127.0.0.1:1/x'], { input });
    return [status, stderr];
  };
  expect(await publish('services: {a: {build: .}}')).toEqual([1, expect.stringContaining('only contains a build section') as string]);
  sandbox.write('other.yaml', 'services: {}');
  expect(await publish('include: [other.yaml]\nservices: {a: {image: busybox}}')).toEqual([
    1,
    expect.stringContaining('local includes: other.yaml') as string,
  ]);
  const bind = 'services: {a: {image: busybox, volumes: ["./:/data"]}}';
  expect(await publish(bind, 'n\n')).toEqual([0, expect.stringContaining('publish bind mounts declaration') as string]);
  expect(await publish(bind, 'y\n')).toEqual([1, expect.stringContaining('127.0.0.1:1') as string]);
  expect((await sandbox.tryCompose(['publish', 'Bad Name'])).status).toBe(1);
});
