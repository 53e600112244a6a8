import { describe, expect, test } from 'bun:test';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { cores } from './rig.ts';

function entriesOf(corePath: string, root: string, ...args: readonly string[]): string[] {
  const tar = execFileSync(corePath, ['pack', '--root', root, ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
  return execFileSync('tar', ['tf', '-'], { input: tar }).toString().trim().split('\n');
}

async function inTree(use: (root: string) => Promise<void> | void): Promise<void> {
  const root = mkdtempSync('/var/tmp/mydocker-pack-');
  try {
    mkdirSync(join(root, 'etc'));
    for (const name of ['group', 'hosts', 'passwd']) writeFileSync(join(root, 'etc', name), name);
    await use(root);
  } finally {
    rmSync(root, { recursive: true });
  }
}

describe.each(cores)('pack of the %s core', (_, corePath) => {
  test('leaving a file out leaves its neighbours in', async () => {
    await inTree((root) => {
      expect(entriesOf(corePath, root, '--mode', 'layer', '--exclude', 'etc/hosts')).toEqual(['etc/', 'etc/group', 'etc/passwd']);
    });
  });

  test('a socket is left out, its neighbours are not', async () => {
    await inTree(async (root) => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(join(root, 'etc', 'a.sock'), resolve));
      expect(entriesOf(corePath, root, '--mode', 'layer')).toEqual(['etc/', 'etc/group', 'etc/hosts', 'etc/passwd']);
      server.close();
    });
  });

  test('leaving a folder out leaves all below it out', async () => {
    await inTree((root) => {
      mkdirSync(join(root, 'var'));
      expect(entriesOf(corePath, root, '--mode', 'layer', '--exclude', 'etc')).toEqual(['var/']);
    });
  });
});
