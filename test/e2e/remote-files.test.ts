import { expect, test } from 'bun:test';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
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
  expect(await failing('oci://localhost/stack')).toContain('only files of git repositories can be fetched');
  expect(checkouts()).toHaveLength(1);
});
