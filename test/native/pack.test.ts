import { describe, expect, test } from 'bun:test';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
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

  test('a list gives single entries under other names; what is not there is left out', async () => {
    await inTree((root) => {
      const pairs = [`${root}/etc`, 'app/conf', `${root}/etc/hosts`, 'app/conf/names', `${root}/nope/x`, 'x'];
      const tar = execFileSync(corePath, ['pack', '--list'], {
        input: pairs.map((text) => `${text}\0`).join(''),
        stdio: ['pipe', 'pipe', 'ignore'],
      });
      expect(execFileSync('tar', ['tf', '-'], { input: tar }).toString()).toBe('app/conf/\napp/conf/names\n');
    });
  });
});

describe.each(cores)('remove of the %s core', (_, corePath) => {
  const remove = (root: string, list: string): { ok: boolean; entries?: number } =>
    JSON.parse(spawnSync(corePath, ['remove', '--root', root], { input: list }).stderr.toString()) as { ok: boolean; entries?: number };

  test('paths go when they are of the kind that is meant, links without what they lead to', async () => {
    await inTree((root) => {
      mkdirSync(join(root, 'a/b'), { recursive: true });
      writeFileSync(join(root, 'a/b/file'), '');
      symlinkSync('/etc', join(root, 'a/link'));
      expect(remove(root, 'd\0/etc/hosts\0f\0/a/b\0a\0/nope/x\0')).toEqual({ ok: true, entries: 0, bytes: 0 } as never);
      expect(remove(root, 'f\0/etc/hosts\0d\0/a/b\0a\0/a/link\0').entries).toBe(3);
      expect(readdirSync(root, { recursive: true }).map(String).sort()).toEqual(['a', 'etc', 'etc/group', 'etc/passwd']);
    });
  });

  test.each(['a\0/\0', 'a\0/..\0', 'a\0relative\0', 'a\0/etc', 'a\0/etc\0a\0'])('%j is refused', async (list) => {
    await inTree((root) => {
      expect(remove(root, list).ok).toBe(false);
      expect(readdirSync(join(root, 'etc'))).toHaveLength(3);
    });
  });
});
