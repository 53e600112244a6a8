import { afterAll, describe, expect, test } from 'bun:test';
import { spawn } from 'node:child_process';
import { closeSync, copyFileSync, existsSync, openSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { Core } from '../../src/runtime/core/core.ts';
import { CoreError } from '../../src/runtime/core/reply.ts';
import { until } from '../helpers/until.ts';
import { cores, Rig } from './rig.ts';

describe.each(cores)('serve (%s core)', (_, path) => {
  const rig = new Rig(path);
  const lockPath = (name: string) => join(rig.root, name);
  const lock = async (core: Core, name: string, mode: string, timeout: number) =>
    core.request('lock', [
      ['path', lockPath(name)],
      ['mode', mode],
      ['timeout', String(timeout)],
    ]);
  afterAll(() => rig.end());

  test('an unknown operation and an unknown key are errors', () => {
    expect(rig.core.request('nope', [])).rejects.toThrow('unknown operation nope');
    expect(
      rig.core.request('unlock', [
        ['path', '/x'],
        ['extra', '1'],
      ]),
    ).rejects.toThrow('unlock: unknown key extra');
  });

  test('a lock keeps others out, waits without holding up other requests, and goes with its holder', async () => {
    const other = new Core(() => path);
    await lock(rig.core, 'a', 'exclusive', 0);
    expect(statSync(lockPath('a')).mode & 0o777).toBe(0o600);
    expect(lock(other, 'a', 'shared', 0)).rejects.toThrow('EAGAIN');
    expect(lock(other, 'a', 'shared', 50)).rejects.toThrow('EAGAIN');
    const waiting = lock(other, 'b', 'exclusive', -1);
    await waiting;
    const queued = lock(rig.core, 'b', 'exclusive', -1);
    await rig.core.request('ping', []);
    await other.close();
    await queued;
    await rig.core.request('unlock', [['path', lockPath('b')]]);
    await rig.core.request('unlock', [['path', lockPath('a')]]);
  });

  test('a lock can be asked for again as soon as a wait for it has failed', async () => {
    const other = new Core(() => path);
    await lock(other, 'd', 'exclusive', 0);
    for (let round = 0; round < 20; round++) {
      const refusal = await lock(rig.core, 'd', 'exclusive', 1).catch((error: unknown) => (error instanceof CoreError ? error.errno : ''));
      expect(refusal).toBe('EAGAIN');
    }
    await other.close();
  });

  test('shared locks go together, and a command cannot wait for itself', async () => {
    const other = new Core(() => path);
    await Promise.all([lock(rig.core, 'c', 'shared', 0), lock(other, 'c', 'shared', 0)]);
    expect(lock(rig.core, 'c', 'exclusive', -1)).rejects.toThrow('EDEADLK');
    await other.close();
    await rig.core.request('unlock', [['path', lockPath('c')]]);
  });

  test('a broken frame is answered and ends the conversation', async () => {
    const child = spawn(path, ['serve'], { stdio: ['ignore', 'ignore', 'inherit', 'pipe', 'pipe'] });
    (child.stdio[3] as Writable).end(Buffer.from([0xff, 0xff, 0xff, 0xff, 1]));
    const reply: Buffer[] = [];
    (child.stdio[4] as Readable).on('data', (chunk: Buffer) => reply.push(chunk));
    const [status] = (await once(child, 'close')) as [number];
    expect(Buffer.concat(reply).toString()).toBe(
      '{"id":"","ok":false,"stage":"request","errno":"EMSGSIZE","message":"cannot read a request"}\n',
    );
    expect(status).toBe(0);
  });

  test('serve ends with its parent', async () => {
    const script = `mkfifo "$1"; exec 3<>"$1" 4>/dev/null; "$0" serve & echo $!; read x`;
    const parent = spawn('sh', ['-c', script, path, join(rig.root, 'fifo')], { stdio: ['pipe', 'pipe', 'ignore'] });
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = line.toString().trim();
    const state = () => /^\d+ \(mydocker-core\) (.)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1];
    await until('serve waits for requests', () => state() === 'S');
    parent.kill('SIGKILL');
    await once(parent, 'close');
    await until('serve has ended', () => !existsSync(`/proc/${pid}`) || state() === 'Z');
  });

  test('the executable cannot be written through a process that runs it', async () => {
    const program = join(rig.root, 'core');
    copyFileSync(path, program);
    const child = spawn(program, ['serve'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
    await until('it runs from its read-only view', () => readlinkSync(`/proc/${child.pid}/exe`) !== program);
    const view = openSync(`/proc/${child.pid}/exe`, 'r');
    (child.stdio[3] as Writable).end();
    await once(child, 'close');
    expect(() => openSync(`/proc/self/fd/${view}`, 'r+')).toThrow('EROFS');
    closeSync(openSync(program, 'r+')); // by its own path its owner still can
    closeSync(view);
  });
});
