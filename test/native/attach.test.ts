import { afterAll, describe, expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { numberOf } from '../../src/runtime/core/reply.ts';
import { until } from '../helpers/until.ts';
import { cores, Rig } from './rig.ts';
import { Attached, Foreground, isAlive, Supervised } from './supervised.ts';

const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const END = 3;
const RESIZE = 4;
const SIGNAL = 5;

const sh = (script: string) => ['sh', '-c', script];
const allStreams = [
  ['attach', '1'],
  ['attach.stdin', '1'],
  ['attach.stdout', '1'],
  ['attach.stderr', '1'],
  ['attach.sig_proxy', '1'],
  ['attach.detach_keys', '\x10\x11'],
] as const;

describe.each(cores)('attaching (%s core)', (_, path) => {
  const rig = new Rig(path);
  const container = () => new Supervised(rig);
  afterAll(() => rig.end());

  test('several clients see both streams and the end', async () => {
    const c = await container().start(sh('read x; echo "out $x"; echo err >&2; exit 5'), [['stdin', 'open']]);
    const first = await Attached.to(c, [['stdin', '1']]);
    const second = await Attached.to(c, [['stdout', '0']]);
    expect(first.head).toMatchObject({ ok: true, tty: false });
    first.send(STDIN, 'word\n');
    await until('both are told of the end', () => first.closed && second.closed);
    expect([first.text(STDOUT), first.text(STDERR), first.text(END)]).toEqual(['out word\n', 'err\n', '{"code":5}']);
    expect([second.text(STDOUT), second.text(STDERR)]).toEqual(['', 'err\n']);
  });

  test('stdin "once" ends with the input, or with the client', async () => {
    const once = [['stdin', 'once']] as const;
    const ended = await container().start(sh('cat; echo done'), once);
    const client = await Attached.to(ended, [['stdin', '1']]);
    client.send(STDIN, 'text\n');
    client.send(STDIN, '');
    await ended.status('exited');
    expect(ended.text).toBe('text\ndone\n');
    const left = await container().start(sh('cat; echo done'), once);
    (await Attached.to(left, [['stdin', '1']])).close();
    await left.status('exited');
  });

  test('stdin "open" stays when clients go', async () => {
    const c = await container().start(sh('while read x; do echo "got $x"; done'), [['stdin', 'open']]);
    const first = await Attached.to(c, [['stdin', '1']]);
    first.send(STDIN, 'a\n');
    first.send(STDIN, '');
    await c.says('got a');
    first.close();
    await until('it is gone', () => c.events.includes('detach'));
    (await Attached.to(c, [['stdin', '1']])).send(STDIN, 'b\n');
    await c.says('got b');
    await c.stop();
  });

  test('input that the container does not read waits, and holds up nothing else', async () => {
    const c = await container().start(sh('sleep 0.3; cat | head -c 2000000 | tail -c 3; echo end'), [['stdin', 'once']]);
    const client = await Attached.to(c, [['stdin', '1']]);
    client.send(STDIN, `${'x'.repeat(1_999_997)}END`);
    client.send(STDIN, '');
    expect(await c.control('wait')).toMatchObject({ ok: true });
    expect(client.text(STDOUT)).toBe('ENDend\n');
  });

  test('a terminal takes sizes, signals and keys', async () => {
    const c = await container().start(sh('trap "stty size" WINCH; echo ready; while :; do read x && echo "$x!"; done'), [
      ['stdin', 'open'],
      ['tty', '1'],
    ]);
    const client = await Attached.to(c, [['stdin', '1']]);
    expect(client.head).toMatchObject({ tty: true });
    await c.says('ready');
    client.send(RESIZE, Uint8Array.of(41, 0, 44, 1));
    client.send(STDIN, 'x\n');
    await c.says('x!');
    await c.says('41 300');
    client.send(SIGNAL, Uint8Array.of(9));
    await until('the end is told', () => client.text(END) === '{"code":137}');
  });

  test('a slow client is dropped, the container goes on', async () => {
    const c = await container().start(sh('read x; yes | head -c 20000000; echo end'), [
      ['stdin', 'open'],
      ['log', 'none'],
    ]);
    const slow = await Attached.to(c);
    slow.pause();
    // Lossless: on a busy machine this one too may lag behind by 8 MiB.
    const quick = await Attached.to(c, [
      ['stdin', '1'],
      ['lossless', '1'],
    ]);
    quick.send(STDIN, 'go\n');
    await until('the quick one has all', () => quick.text(END) !== '');
    expect(quick.text(STDOUT).length).toBe(20_000_004);
    slow.resume();
    await until('the slow one is cut off', () => slow.closed);
    expect(slow.text(END)).toBe('');
  });

  test('a lossless client loses nothing, not even after the end', async () => {
    const c = await container().start(sh('read x; yes | head -c 12000000'), [
      ['stdin', 'open'],
      ['log', 'none'],
    ]);
    const client = await Attached.to(c, [
      ['stdin', '1'],
      ['lossless', '1'],
    ]);
    client.send(STDIN, 'go\n');
    await until('the first output is there', () => client.frames.length > 0);
    client.pause();
    await until('the container waits', async () => (await c.exec(['ps', '-o', 'stat,args'])).includes('yes'));
    client.resume();
    await until('the end is there', () => client.closed);
    expect(client.text(STDOUT).length).toBe(12_000_000);
    expect(client.text(END)).toBe('{"code":0}');
  });

  test('a connection that breaks the rules is closed', async () => {
    const c = await container().start(sh('read x'), [['stdin', 'open']]);
    const client = await Attached.to(c);
    client.send(77, 'x');
    await until('it is closed', () => client.closed);
    await expect(c.control('nope')).rejects.toThrow('unknown operation nope');
    await expect(c.control('stop', [['signal', '99']])).rejects.toThrow('is not a number from 1 to');
    expect(c.state.status).toBe('running');
    await c.stop();
  });

  test('await_attach holds the start until a client is there', async () => {
    const c = container();
    const started = c.start(sh('echo first'), [['await_attach', '1']]);
    const client = await until('attached', async () => Attached.to(c).catch(() => undefined));
    await started;
    await until('the end is told', () => client.closed);
    expect(client.text(STDOUT)).toBe('first\n');
  });

  test('start with attach relays the streams of serve and tells the exit code', async () => {
    const user = new Foreground(path);
    const c = container();
    user.send('start', c.fields(sh('cat; echo err >&2; exit 3'), [['stdin', 'once'], ...allStreams]));
    expect(await user.line(0)).toMatchObject({ ok: true });
    user.type('through\n');
    user.child.stdin?.end();
    expect(await user.line(1)).toMatchObject({ event: 'exit', code: 3 });
    await until('all is there', () => user.output === 'through\n' && user.errors === 'err\n');
    expect(c.text).toContain('through\n');
    await user.end();
  });

  test('a failed start with attach is told once', async () => {
    const user = new Foreground(path);
    user.send('start', container().fields(['nope'], allStreams));
    expect(await user.line(0)).toMatchObject({ ok: false, stage: 'exec', errno: 'ENOENT' });
    await user.end();
  });

  test('signals of the orchestrator go to the container', async () => {
    const user = new Foreground(path);
    const c = container();
    user.send('start', c.fields(sh('trap "exit 8" INT; echo ready; while :; do sleep 0.02; done'), allStreams));
    await user.says('ready');
    user.child.kill('SIGINT');
    expect(await user.line(1)).toMatchObject({ event: 'exit', code: 8 });
    await user.end();
  });

  test('a terminal is relayed raw, left by its keys, and found again', async () => {
    const user = new Foreground(path, true);
    const c = container();
    user.send(
      'start',
      c.fields(sh('stty size; while read x; do echo "<$x>"; done; exit 2'), [['stdin', 'open'], ['tty', '1'], ...allStreams]),
    );
    await user.says('33 99');
    user.type('one\n');
    await user.says('<one>');
    user.type('\x10\x11');
    expect(await user.line(1)).toMatchObject({ event: 'detached' });
    await user.end();
    const again = new Foreground(path, true);
    again.send('attach', [
      ['socket', join(c.run, 'control.sock')],
      ['stdin', '1'],
      ['sig_proxy', '1'],
    ]);
    await again.line(0);
    again.type('two\n\x04');
    await again.says('<two>');
    expect(await again.line(1)).toMatchObject({ event: 'exit', code: 2 });
    await again.end();
  });

  test('a killed relay is told as lost, and the terminal is as it was', async () => {
    const user = new Foreground(path, true);
    const c = container();
    user.send('start', c.fields(sh('echo ready; read x'), [['stdin', 'open'], ['tty', '1'], ...allStreams]));
    await user.says('ready');
    const serve = Number(readFileSync(`/proc/${user.child.pid}/task/${user.child.pid}/children`, 'utf8').trim().split(' ')[0]);
    const relay = Number(readFileSync(`/proc/${serve}/task/${serve}/children`, 'utf8').trim().split(' ')[0]);
    const settings = () => spawnSync('stty', ['-F', readlinkSync(`/proc/${serve}/fd/0`), '-a']).stdout.toString();
    expect(settings()).toContain('-icanon');
    process.kill(relay, 'SIGKILL');
    expect(await user.line(1)).toMatchObject({ event: 'lost' });
    expect(settings()).toMatch(/ icanon/);
    expect(c.state.status).toBe('running');
    await c.stop();
    await user.end();
  });

  test('the container goes on when the orchestrator is killed', async () => {
    const user = new Foreground(path);
    const c = container();
    user.send('start', c.fields(sh('while :; do echo x; sleep 0.02; done'), allStreams));
    const started = await user.line(0);
    await user.says('x');
    user.child.kill('SIGKILL');
    await until('the client is gone', () => c.events.includes('detach'));
    expect(isAlive(numberOf(started, 'pid'))).toBe(true);
    expect(c.state.status).toBe('running');
    await c.stop();
  });
});
