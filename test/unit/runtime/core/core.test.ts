import { afterEach, beforeEach, expect, test } from 'bun:test';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Core } from '../../../../src/runtime/core/core.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'core-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A core of three lines: `script` runs with the requests on fd 3 and the replies on fd 4. */
function coreOf(script: string): Core {
  const path = join(folder, 'core');
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o700);
  return new Core(() => path);
}

test('a failure of the core keeps stage, errno and message', async () => {
  const core = coreOf(
    `head -c 1 <&3 >/dev/null; echo '{"id":"1","ok":false,"stage":"exec","errno":"ENOENT","message":"nope: not found"}' >&4; cat <&3 >/dev/null`,
  );
  await expect(core.request('start', [])).rejects.toMatchObject({
    code: 'command-not-found',
    exitStatus: 127,
    stage: 'exec',
    errno: 'ENOENT',
  });
  await core.close();
});

test('an event that belongs to a request ends its session', async () => {
  const core = coreOf(
    `head -c 1 <&3 >/dev/null; echo '{"id":"1","ok":true,"pid":5}' >&4; echo '{"id":"1","event":"exit","code":3}' >&4; cat <&3 >/dev/null`,
  );
  const session = await core.open('exec', []);
  expect(session.reply['pid']).toBe(5);
  expect((await session.end)['code']).toBe(3);
  await core.close();
});

test('a core that dies fails what waits for it and what comes later', async () => {
  const core = coreOf('head -c 1 <&3 >/dev/null; exit 1');
  await expect(core.request('ping', [])).rejects.toMatchObject({ code: 'runtime' });
  await expect(core.request('ping', [])).rejects.toMatchObject({ code: 'runtime' });
  await core.close();
});

test('a session that is lost before its reply fails the request', async () => {
  const core = coreOf(`head -c 1 <&3 >/dev/null; echo '{"id":"1","event":"lost"}' >&4; cat <&3 >/dev/null`);
  await expect(core.open('start', [])).rejects.toMatchObject({ message: 'the connection to the container was lost' });
  await core.close();
});
