import { expect, test } from 'bun:test';
import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { useSandbox } from '../helpers/sandbox.ts';

const sandbox = useSandbox();

function git(...args: readonly string[]): string {
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'init.defaultBranch=main'];
  return execFileSync('git', ['-C', join(sandbox.directory, 'app.git'), ...identity, ...args])
    .toString()
    .trim();
}

/** A repository with a folder `web`, whose content says which commit it is; returns its first commit. */
function makeRepository(): string {
  sandbox.write('app.git/web/Dockerfile', 'FROM busybox\nCOPY . /in/\n');
  sandbox.write('app.git/web/which', 'first');
  git('init', '-q');
  git('add', '.');
  git('commit', '-qm', 'one');
  const first = git('rev-parse', 'HEAD');
  sandbox.write('app.git/web/which', 'second');
  git('commit', '-qam', 'two');
  git('checkout', '-qb', 'topic');
  sandbox.write('app.git/web/which', 'topic');
  git('commit', '-qam', 'three');
  git('tag', 'v1');
  git('checkout', '-q', 'main');
  return first;
}

/** Serves the test's files; returns its address. */
async function serveFiles(): Promise<string> {
  const server = createServer((request, response) => {
    try {
      response.end(readFileSync(join(sandbox.directory, (request.url ?? '').split('?')[0] ?? '')));
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  sandbox.afterTest(() => new Promise((resolve) => server.close(resolve)));
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

async function inImage(image: string, ...args: readonly string[]): Promise<string> {
  return sandbox.mydocker(['run', '--rm', '--network', 'none', image, ...args]);
}

test('a service is built from a branch, a tag, a commit and the default branch of a repository', async () => {
  const first = makeRepository();
  const url = `file://${sandbox.directory}/app.git`;
  for (const [fragment, which] of [
    [':web', 'second'],
    ['topic:web', 'topic'],
    ['v1:web', 'topic'],
    [`${first}:web`, 'first'],
    [`${first.slice(0, 8)}:web`, 'first'],
  ] as const) {
    sandbox.write('compose.yaml', `{name: demo, services: {web: {build: "${url}#${fragment}"}}}`);
    await sandbox.compose(['build']);
    expect(await inImage('demo-web', 'sh', '-c', 'cat /in/which; ls -a /in | grep -c git; true')).toBe(`${which}0`);
  }
  await sandbox.compose(['down', '--rmi', 'local']);
}, 60_000);

test('repositories over http, archives and Dockerfiles by URL, further contexts, ADD of a repository', async () => {
  makeRepository();
  git('update-server-info');
  const url = await serveFiles();
  expect(await sandbox.mydocker(['build', '-q', '-t', 'built', `${url}/app.git/.git#topic:web`])).toStartWith('sha256:');
  expect(await inImage('built', 'cat', '/in/which')).toBe('topic');
  execFileSync('tar', ['-czf', join(sandbox.directory, 'context.tar.gz'), '-C', join(sandbox.directory, 'app.git/web'), '.']);
  await sandbox.mydocker(['build', '-q', '-t', 'built', `${url}/context.tar.gz`]);
  expect(await inImage('built', 'cat', '/in/which')).toBe('second');
  sandbox.write('Only', 'FROM busybox\nRUN --network=none echo alone > /alone\n');
  await sandbox.mydocker(['build', '-q', '-t', 'built', `${url}/Only`]);
  expect(await inImage('built', 'cat', '/alone')).toBe('alone');
  sandbox.write('Dockerfile', `FROM busybox\nCOPY --from=further web/which /further\nADD file://${sandbox.directory}/app.git#v1 /added/\n`);
  sandbox.write(
    'compose.yaml',
    `{name: demo, services: {web: {build: {context: ., additional_contexts: {further: "file://${sandbox.directory}/app.git#topic"}}}}}`,
  );
  await sandbox.compose(['build']);
  expect(await inImage('demo-web', 'cat', '/further', '/added/web/which')).toBe('topictopic');
  await sandbox.compose(['down', '--rmi', 'local']);
}, 60_000);

test.each([
  ['no such branch', '#nosuch', 'git cannot fetch it'],
  ['no such folder', '#main:nosuch', 'the repository has no nosuch'],
  ['a folder outside', '#main:../..', 'leads out of the repository'],
  ['an option for a branch', '#--upload-pack=x', 'is not a branch, tag or commit'],
])('%s is an error that names the repository', async (_name, fragment, message) => {
  makeRepository();
  const source = `file://${sandbox.directory}/app.git${fragment}`;
  const { status, stderr } = await sandbox.tryMydocker(['build', source]);
  expect([status, stderr]).toEqual([1, expect.stringContaining(message) as string]);
  expect(stderr).toContain(source);
});
