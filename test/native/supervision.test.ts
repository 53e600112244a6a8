import { afterAll, describe, expect, test } from 'bun:test';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { controlLease } from '../../src/runtime/core/control-client.ts';
import { Core } from '../../src/runtime/core/core.ts';
import { numberOf } from '../../src/runtime/core/reply.ts';
import { until } from '../helpers/until.ts';
import { cores, Rig } from './rig.ts';
import { Attached, isAlive, Supervised } from './supervised.ts';

const sh = (script: string) => ['sh', '-c', script];
const forever = sh('while :; do sleep 1; done');

describe.each(cores)('a supervisor (%s core)', (_, path) => {
  const rig = new Rig(path);
  const container = () => new Supervised(rig);
  afterAll(() => rig.end());

  test('output goes to the log line by line, an unfinished last line too', async () => {
    const c = await container().start(sh('echo one; echo two >&2; printf three'));
    await c.status('exited');
    expect(c.log.map(({ log, stream }) => `${stream} ${log}`).sort()).toEqual(['stderr two\n', 'stdout one\n', 'stdout three']);
    expect(c.log[0]?.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
  });

  test('the end is recorded, and nothing stays but the records', async () => {
    const c = await container().start(sh('exit 3'));
    const state = await c.status('exited');
    expect(state).toMatchObject({ exitCode: 3, pid: 0, restartCount: 0, stoppedByUser: false, error: '' });
    await until('the supervisor has ended', () => !isAlive(numberOf(c.reply, 'supervisor')));
    expect(readdirSync(c.run)).toEqual(['state.json']);
    expect(readFileSync(join(c.data, 'last-state.json'), 'utf8')).toBe(readFileSync(join(c.run, 'state.json'), 'utf8'));
    expect(c.events).toEqual(['start', 'die']);
  });

  test('a signal shows as 128 and its number', async () => {
    const c = await container().start(sh('kill -9 $$; sleep 9'), [['ns.pid', 'host']]);
    expect((await c.status('exited')).exitCode).toBe(137);
  });

  test('a start that fails says where, and leaves nothing but the reason', async () => {
    const c = container();
    expect(await c.refused(['no-such-program'])).toBe('exec ENOENT');
    await until('the state is written', () => existsSync(join(c.run, 'state.json')));
    expect(c.state).toMatchObject({ status: 'created', exitCode: 127, pid: 0 });
    expect(c.state.error).toContain('no-such-program');
    expect(readdirSync(c.run)).toEqual(['state.json']);
    expect(await container().refused(['/etc/passwd'])).toBe('exec EACCES');
    expect(await container().refused(['true'], [['restart', 'sometimes']])).toBe('request EINVAL');
  });

  test('the control socket is for its owner alone, the supervisor has its name and no environment', async () => {
    const c = await container().start(forever);
    const supervisor = numberOf(c.reply, 'supervisor');
    expect(statSync(join(c.run, 'control.sock')).mode & 0o777).toBe(0o600);
    expect(readFileSync(`/proc/${supervisor}/cmdline`, 'utf8').replace(/\0+$/, '')).toBe(`mydocker-core: ${c.id}`.slice(0, 95));
    expect(readFileSync(`/proc/${supervisor}/environ`, 'utf8')).not.toContain('PATH=');
    await c.stop();
  });

  test('stop waits for the grace period, then kills; both are told', async () => {
    const c = await container().start(sh('trap "echo asked" TERM; echo ready; while :; do sleep 0.02; done'), [['restart', 'always']]);
    await c.says('ready');
    expect(numberOf(await c.control('stop', [['timeout', '150']]), 'code')).toBe(137);
    expect(c.text).toContain('asked');
    expect(c.state).toMatchObject({ status: 'exited', stoppedByUser: true });
    expect(c.events).toEqual(['start', 'kill', 'kill', 'die', 'stop']);
  });

  test('stop sends the stop signal that was given, or another', async () => {
    const script = sh('trap "exit 5" INT; trap "exit 6" USR1; echo ready; while :; do sleep 0.02; done');
    const first = await container().start(script, [['stop.signal', '2']]);
    await first.says('ready');
    expect(numberOf(await first.control('stop'), 'code')).toBe(5);
    const second = await container().start(script);
    await second.says('ready');
    expect(numberOf(await second.control('stop', [['signal', '10']]), 'code')).toBe(6);
  });

  test('a paused container stands still, and stop and kill still end it', async () => {
    const c = await container().start(sh('while :; do echo x; sleep 0.01; done'));
    await c.says('x');
    await c.control('pause');
    expect(c.state.status).toBe('paused');
    await expect(c.control('pause')).rejects.toThrow('is already paused');
    expect(readFileSync(`/proc/${c.state.pid}/stat`, 'utf8')).toMatch(/\) [DS] /);
    await c.control('unpause');
    expect(c.state.status).toBe('running');
    await c.control('pause');
    expect(numberOf(await c.control('stop', [['timeout', '2000']]), 'code')).toBe(137);
    const killed = await container().start(forever);
    await killed.control('pause');
    await killed.control('kill');
    expect((await killed.status('exited')).exitCode).toBe(137);
  });

  test('a leased pause ends with the last connection that has it, or with an unpause', async () => {
    const c = await container().start(forever);
    const lease = (): Promise<() => void> => controlLease(c.run, 'pause', [['lease', '1']]);
    const [first, second] = [await lease(), await lease()];
    expect(c.state.status).toBe('paused');
    await expect(c.control('pause')).rejects.toThrow('is already paused');
    first();
    await c.control('update'); // served after the end of the first connection has been seen
    expect(c.state.status).toBe('paused');
    second();
    await c.status('running');

    const third = await lease();
    await c.control('unpause');
    await c.control('pause');
    third();
    await c.control('update');
    await c.control('update');
    expect(c.state.status).toBe('paused');
    await expect(lease()).rejects.toThrow('is already paused');
    await c.stop();
  });

  test('a container that fails is started again as often as its policy says', async () => {
    const c = await container().start(sh('echo run; exit 4'), [['restart', 'on-failure:2']]);
    expect(await c.status('exited')).toMatchObject({ exitCode: 4, restartCount: 2 });
    expect(c.text).toBe('run\nrun\nrun\n');
  });

  test('stop ends a container that waits for its restart', async () => {
    const c = await container().start(sh('exit 1'), [['restart', 'always']]);
    await until('three restarts', () => c.state.restartCount >= 3);
    await c.stop();
    expect(c.state).toMatchObject({ status: 'exited', stoppedByUser: true });
  });

  test('restart starts it again in the same supervisor', async () => {
    const c = await container().start(forever);
    const { pid } = c.state;
    await c.control('restart', [['timeout', '0']]);
    expect(c.state.status).toBe('running');
    expect(c.state.pid).not.toBe(pid);
    expect(c.events).toEqual(['start', 'kill', 'kill', 'die', 'stop', 'start', 'restart']);
    await c.stop();
  });

  test('wait tells of the end, or of the next exit before a restart', async () => {
    const c = await container().start(sh('read x; exit 7'), [
      ['restart', 'always'],
      ['stdin', 'open'],
    ]);
    const next = c.control('wait', [['next', '1']]);
    const end = c.control('wait');
    // Connections are served in the order in which they come.
    await c.control('update');
    await c.control('update');
    process.kill(c.state.pid, 'SIGKILL');
    expect(numberOf(await next, 'code')).toBe(137);
    await c.status('running');
    await c.stop();
    expect(numberOf(await end, 'code')).toBe(137);
    expect(c.state.restartCount).toBe(1);
  });

  test('the lock of a command that is killed while it starts a container is free once the container runs', async () => {
    const killed = new Core(() => path);
    const lock = [
      ['path', join(rig.root, 'container-lock')],
      ['mode', 'exclusive'],
    ] as const;
    await killed.request('lock', [...lock, ['timeout', '0']]);
    const c = container();
    killed.request('start', c.fields(forever, [['await_attach', '1']])).catch(() => undefined);
    await until('it is starting', () => existsSync(join(c.run, 'control.sock')));
    process.kill(killed.pid ?? 0, 'SIGKILL');
    await expect(rig.core.request('lock', [...lock, ['timeout', '0']])).rejects.toThrow('EAGAIN');
    const waiting = rig.core.request('lock', [...lock, ['timeout', '-1']]);
    await Attached.to(c);
    await waiting;
    expect(c.state.status).toBe('running');
    await c.stop();
    await rig.core.request('unlock', [['path', join(rig.root, 'container-lock')]]);
  });

  test('a second supervisor of the same container is refused and touches nothing', async () => {
    const c = await container().start(forever);
    const before = readFileSync(join(c.run, 'state.json'), 'utf8');
    expect(await c.refused(forever)).toBe('supervisor EBUSY');
    expect(readFileSync(join(c.run, 'state.json'), 'utf8')).toBe(before);
    await c.stop();
    await c.start(['true']); // free as soon as the end is told
    await c.status('exited');
  });

  test('an update changes the policy of a running container', async () => {
    const c = await container().start(sh('read x'), [['stdin', 'open']]);
    await c.control('update', [['restart', 'on-failure:1']]);
    process.kill(c.state.pid, 'SIGKILL');
    await until('it is restarted', () => c.state.restartCount === 1 && c.state.status === 'running');
    await expect(c.control('update', [['restart', 'no!']])).rejects.toThrow('is no restart policy');
    await c.stop();
  });

  test('SIGTERM to the supervisor stops the container without calling it stopped by the user', async () => {
    const c = await container().start(forever, [
      ['restart', 'always'],
      ['stop.timeout', '0'],
    ]);
    process.kill(numberOf(c.reply, 'supervisor'), 'SIGTERM');
    expect(await c.status('exited')).toMatchObject({ stoppedByUser: false, exitCode: 137 });
  });

  test('the kernel kills the container of a killed supervisor', async () => {
    const c = await container().start(forever);
    process.kill(numberOf(c.reply, 'supervisor'), 'SIGKILL');
    await until('the container is dead', () => !isAlive(numberOf(c.reply, 'pid')));
    expect(c.state.status).toBe('running'); // what readers then make of it is theirs
    c.removeCgroup();
  });

  test("without a pid namespace of its own a container's other processes end with it", async () => {
    const c = await container().start(sh('sleep 1000 & echo $!; sleep 0.05; exit 1'), [['ns.pid', 'host']]);
    await c.status('exited');
    await until('the child is dead', () => !isAlive(Number(c.text)));
  });

  test('with init, process 1 collects orphans and passes signals and the exit code on', async () => {
    const c = await container().start(sh('trap "exit 9" TERM; (sleep 0.01 &); echo ready; while :; do sleep 0.02; done'), [['init', '1']]);
    await c.says('ready');
    await until('no zombie is left', async () => !(await c.exec(['ps', '-o', 'stat'])).includes('Z'));
    expect(numberOf(await c.control('stop'), 'code')).toBe(9);
  });

  test('the first probe comes at once; health follows the probes', async () => {
    const c = await container().start(forever, [
      ['health.arg', 'sh'],
      ['health.arg', '-c'],
      ['health.arg', 'echo probed; test -e /tmp/ok'],
      ['health.interval', '50'],
      ['health.retries', '2'],
    ]);
    await until('unhealthy', () => c.state.health?.status === 'unhealthy');
    expect(c.state.health?.log[0]).toMatchObject({ exitCode: 1, output: 'probed\n' });
    expect(await c.exec(['touch', '/tmp/ok'])).toBe('0:');
    await until('healthy', () => c.state.health?.status === 'healthy');
    await until('it is told', () => c.events.includes('health_status: healthy'));
    expect(c.events.filter((action) => action.startsWith('health'))).toEqual(['health_status: unhealthy', 'health_status: healthy']);
    await c.stop();
  });

  test('a probe that takes too long is killed with its children, and may restart the container', async () => {
    const c = await container().start(sh('exec sleep 1000'), [
      ...sh('sleep 999 & sleep 998').map((word) => ['health.arg', word] as const),
      ['health.interval', '30'],
      ['health.timeout', '60'],
      ['health.retries', '1'],
      ['restart.on_unhealthy', '1'],
      ['stop.timeout', '0'],
    ]);
    await until('a probe has failed', () => (c.state.health?.log.length ?? 0) > 0);
    expect(c.state.health?.log[0]).toEqual(expect.objectContaining({ exitCode: -1, output: 'Health check exceeded timeout (0.06s)' }));
    await until('it is restarted', () => c.state.restartCount > 0);
    await c.stop();
  });

  // The sanitizers' own memory says nothing.
  if (!path.includes('sanitize'))
    test('a supervisor takes little memory', async () => {
      const c = await container().start(sh('head -c 3000000 /dev/zero | cat; exec sleep 1000'));
      await until('the output is there', () => c.log.length >= 183);
      const rollup = `/proc/${numberOf(c.reply, 'supervisor')}/smaps_rollup`;
      const kib = () => Number(/^Private_Dirty: +(\d+)/m.exec(readFileSync(rollup, 'utf8'))?.[1]);
      await until('buffers are given back', () => kib() < 300);
      await c.stop();
    });
});
