import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { readFileSync, readlinkSync, readdirSync } from 'node:fs';
import { numberOf } from '../../src/runtime/core/reply.ts';
import { until } from '../helpers/until.ts';
import { cores, Rig } from './rig.ts';
import { Foreground, isAlive, Supervised } from './supervised.ts';

const sh = (script: string) => ['sh', '-c', script];

describe.each(cores)('exec (%s core)', (_, path) => {
  const rig = new Rig(path);
  const container = new Supervised(rig);
  beforeAll(async () => {
    await container.start(sh('while :; do sleep 1; done'));
  });
  afterAll(async () => {
    await container.stop();
    await rig.end();
  });

  test('output and exit code come back', async () => {
    expect(await container.exec(sh('echo out; echo err >&2; exit 7'))).toBe('7: out\nerr');
    expect(await container.exec(sh('kill -15 $$'))).toBe('143:');
  });

  test('it is in all namespaces and the cgroup of the container', async () => {
    const kinds = ['mnt', 'pid', 'uts', 'ipc', 'net', 'cgroup'];
    const names = kinds.map((kind) => readlinkSync(`/proc/${container.state.pid}/ns/${kind}`)).join('\n');
    expect(await container.exec(sh(`for n in ${kinds.join(' ')}; do readlink /proc/self/ns/$n; done`))).toBe(`0: ${names}`);
    const cgroup = readFileSync(`/proc/${container.state.pid}/cgroup`, 'utf8').trim();
    const session = await rig.core.open('exec', container.execFields(['sleep', '1000'], [['foreground', '1']]));
    expect(readFileSync(`/proc/${numberOf(session.reply, 'pid')}/cgroup`, 'utf8').trim()).toBe(cgroup);
    process.kill(numberOf(session.reply, 'pid'), 'SIGKILL');
    expect(numberOf(await session.end, 'code')).toBe(137);
  });

  test('no file of the host is open in it', async () => {
    expect(await container.exec(sh('ls /proc/$$/fd; true'))).toBe('0: 0\n1\n2');
  });

  test('user, folder and environment are those asked for', async () => {
    const fields = [
      ['user', 'web'],
      ['cwd', '/tmp'],
      ['env', 'A=b c'],
    ] as const;
    expect(await container.exec(sh('id -un; pwd; echo $A $HOME'), fields)).toBe('0: web\n/tmp\nb c /home/web');
  });

  test('a working directory that is not there is refused and not made', async () => {
    await expect(container.exec(['true'], [['cwd', '/not/there']])).rejects.toMatchObject({ stage: 'cwd', errno: 'ENOENT' });
    expect(await container.exec(sh('test -e /not || echo absent'))).toBe('0: absent');
  });

  test('a program that is not there, or is none, is told apart', async () => {
    await expect(container.exec(['no-such-program'])).rejects.toMatchObject({ stage: 'exec', errno: 'ENOENT' });
    await expect(container.exec(['/etc/passwd'])).rejects.toMatchObject({ stage: 'exec', errno: 'EACCES' });
    await expect(container.exec(['true'], [['user', 'nobody-here']])).rejects.toMatchObject({ stage: 'user' });
  });

  test('a process id that now means another process is refused', async () => {
    const fields = container.execFields(['true']).map(([key, value]) => [key, key === 'pid_start' ? '12345' : value] as const);
    await expect(rig.core.request('exec', fields)).rejects.toMatchObject({ errno: 'ESRCH' });
  });

  test('captured output is cut at 1 MiB, the process goes on to its end', async () => {
    const result = await container.exec(sh('head -c 3000000 /dev/zero; echo end >&2'));
    expect(result.length).toBe('0: '.length + (1 << 20) + 'end'.length);
  });

  test('events tell of it', async () => {
    await container.exec(['true']);
    expect(container.events.slice(-3)).toEqual(['exec_create: true ', 'exec_start: true ', 'exec_die']);
  });

  test('stdin and stdout go through, to the end of the input', async () => {
    const user = new Foreground(path);
    user.send(
      'exec',
      container.execFields(
        ['cat'],
        [
          ['foreground', '1'],
          ['stdin', '1'],
        ],
      ),
    );
    await user.line(0);
    user.type('x'.repeat(300_000));
    user.child.stdin?.end();
    expect(await user.line(1)).toMatchObject({ event: 'exit', code: 0 });
    await until('all has come back', () => user.output.length === 300_000);
    await user.end();
  });

  test("the orchestrator's signals reach the process", async () => {
    const user = new Foreground(path);
    user.send('exec', container.execFields(sh('trap "exit 4" TERM; echo ready; while :; do sleep 0.02; done'), [['foreground', '1']]));
    await user.says('ready');
    user.child.kill('SIGTERM');
    expect(await user.line(1)).toMatchObject({ event: 'exit', code: 4 });
    await user.end();
  });

  test('with a terminal it has the size of the user’s, and detach keys leave it running', async () => {
    const user = new Foreground(path, true);
    user.send(
      'exec',
      container.execFields(sh('stty size; tty; echo $$ > /tmp/pid; read x; echo got $x; read y; echo gone > /tmp/y'), [
        ['foreground', '1'],
        ['stdin', '1'],
        ['tty', '1'],
        ['detach_keys', '\x10\x11'],
      ]),
    );
    await user.says('33 99');
    await user.says('/dev/pts/');
    user.type('word\n');
    await user.says('got word');
    user.type('\x10\x11');
    expect(await user.line(1)).toMatchObject({ event: 'detached' });
    expect(await container.exec(sh('kill -0 $(cat /tmp/pid) && kill -9 $(cat /tmp/pid)'))).toBe('0:');
    await user.end();
  });

  test('a detached process outlives the core and is collected', async () => {
    const user = new Foreground(path);
    user.send('exec', container.execFields(sh('sleep 0.2; exit 6')));
    const pid = numberOf(await user.line(0), 'pid');
    await user.end();
    expect(isAlive(pid)).toBe(true);
    const count = container.events.length;
    await until('its end is told', () => container.events.length > count && container.events.at(-1) === 'exec_die');
    expect(isAlive(pid)).toBe(false);
  });

  test('a process in the foreground goes on when the orchestrator is killed', async () => {
    const user = new Foreground(path);
    user.send('exec', container.execFields(sh('echo $$; while :; do sleep 0.1; done'), [['foreground', '1']]));
    const pid = numberOf(await user.line(0), 'pid');
    user.child.kill('SIGKILL');
    await until('serve has ended', () => user.child.signalCode !== null);
    expect(isAlive(pid)).toBe(true);
    process.kill(pid, 'SIGKILL');
    await until('it is collected', () => !isAlive(pid));
  });

  test('nothing stays in the container', async () => {
    const count = (await container.exec(['ps', '-o', 'args'])).split('\n').filter((line) => !/ps -o|sleep|COMMAND|while/.test(line));
    expect(count).toEqual([]);
    expect(readdirSync(`/proc/${numberOf(container.reply, 'supervisor')}/task`)).toHaveLength(1);
  });
});
