import { afterAll, describe, expect, test } from 'bun:test';
import { existsSync, readFileSync, rmdirSync, statSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Fields } from '../../src/runtime/core/frame.ts';
import { cores, Rig } from './rig.ts';

const rules = ['c *:* m', 'b *:* m', 'c 1:3 rwm', 'c 1:5 rw', 'c 1:8 r', 'c 5:* rwm', 'c 136:* rwm'];
const touchDevices =
  'echo > /dev/null && echo null; head -c 1 /dev/random > /dev/null && echo random; echo x > /dev/random; cat /dev/urandom; head -c 1 /dev/zero';
const expectedTouch = [
  'null',
  'random',
  "sh: can't create /dev/random: Operation not permitted",
  "cat: can't open '/dev/urandom': Operation not permitted",
  '\0',
];

/** The hierarchy that has this controller on v1 and hybrid hosts; undefined where there is none. */
function hierarchy(controller: string): string | undefined {
  const path = join('/sys/fs/cgroup', controller);
  return existsSync(join(path, 'cgroup.procs')) && !existsSync(join(path, 'cgroup.controllers')) ? path : undefined;
}

function unified(): string {
  return existsSync('/sys/fs/cgroup/cgroup.controllers') ? '/sys/fs/cgroup' : '/sys/fs/cgroup/unified';
}

function member(folder: string): Fields {
  return [
    ['cgroup', folder],
    ['cgroup.procs', join(folder, 'cgroup.procs')],
  ];
}

describe.each(cores)('cgroups of a container (%s core)', (_, path) => {
  const rig = new Rig(path);
  const name = () => `mydocker/${randomBytes(32).toString('hex')}`;
  afterAll(() => rig.end());

  test('folders are made, written, joined before the program runs, and removed after its end', async () => {
    const folder = join(hierarchy('pids') ?? unified(), name());
    const { output } = await rig.run('cat /proc/self/cgroup; echo $$; cat /pids', [
      ...member(folder),
      ['cgroup.write', `?${folder}/no.such.file|1`],
      ['ns.cgroup', 'host'],
    ]);
    expect(output).toContain(folder.slice(folder.indexOf('/mydocker/')));
    expect(existsSync(folder)).toBe(false);
  });

  test('in its own cgroup namespace a container sees itself at the top', async () => {
    const folder = join(unified(), name());
    expect((await rig.run('grep ^0:: /proc/self/cgroup', member(folder))).output).toBe('0::/');
  });

  test('what a core forks after it was moved is born where it is', async () => {
    const folder = join(unified(), name());
    const moved = new Rig(path);
    await moved.core.request('cgroup_enter', [['cgroup', folder]]);
    const { output } = await moved.run('cat /proc/self/cgroup', [['ns.cgroup', 'host']]);
    expect(output).toContain(folder.slice(folder.indexOf('/mydocker/')));
    await moved.end();
    rmdirSync(folder);
  });

  test('a limit that cannot be written fails, and nothing is left', async () => {
    const folder = join(unified(), name());
    const refusal = await rig.refuse([...member(folder), ['cgroup.write', `${folder}/cgroup.max.depth|many`]]);
    expect(refusal).toStartWith('cgroup EINVAL: cannot write "many" to ');
    expect(existsSync(folder)).toBe(false);
  });

  test('a process that is killed before its program begins is a failure of the start', async () => {
    const v1 = hierarchy('memory');
    const folder = join(v1 ?? unified(), name());
    const limit = join(folder, v1 === undefined ? 'memory.max' : 'memory.limit_in_bytes');
    const enable: Fields =
      v1 === undefined
        ? ['/sys/fs/cgroup', '/sys/fs/cgroup/mydocker'].map(
            (parent) => ['cgroup.write', `?${parent}/cgroup.subtree_control|+memory`] as const,
          )
        : [];
    expect(await rig.refuse([...member(folder), ...enable, ['cgroup.write', `${limit}|40960`]])).toStartWith(
      "exec ENOMEM: the container's process was killed before its program began",
    );
    expect(existsSync(folder)).toBe(false);
  });

  test('device rules hold on cgroup v2', async () => {
    const folder = join(unified(), name());
    const { output } = await rig.run(touchDevices, [
      ...member(folder),
      ['device.cgroup2', folder],
      ...rules.map((rule) => ['device', rule] as const),
    ]);
    expect(output.split('\n')).toEqual(expectedTouch);
  });

  test.skipIf(hierarchy('devices') === undefined)('device rules hold on cgroup v1', async () => {
    const folder = join(hierarchy('devices') ?? '', name());
    const { output } = await rig.run(touchDevices, [
      ...member(folder),
      ['device.cgroup1', folder],
      ...rules.map((rule) => ['device', rule] as const),
    ]);
    expect(output.split('\n')).toEqual(expectedTouch);
  });

  test("a device node is made with its numbers, mode and owner; a privileged container has the host's", async () => {
    const { output } = await rig.run('stat -c "%F %a %u %t,%T" /dev/mine', [
      ['node', ''],
      ['node.path', '/dev/mine'],
      ['node.type', 'c'],
      ['node.major', '1'],
      ['node.minor', '9'],
      ['node.mode', '640'],
      ['node.uid', '33'],
    ]);
    expect(output).toBe('character special file 640 33 1,9');
    const host = existsSync('/dev/vda') ? '/dev/vda' : '/dev/kmsg';
    expect((await rig.run(`stat -c "%a %t,%T" ${host}`, [['dev_host', '1']])).output).toBe(modeAndNumber(host));
  });

  test('a cgroup mount shows the container its own part alone', async () => {
    const folder = join(unified(), name());
    const { output } = await rig.run('cat /sys/fs/cgroup/cgroup.procs | grep -c .; touch /sys/fs/cgroup/x; mkdir /sys/fs/cgroup/y', [
      ...member(folder),
      ['mount', 'cgroup2'],
      ['mount.target', '/sys/fs/cgroup'],
      ['mount.options', 'ro,nosuid'],
    ]);
    expect(output.split('\n').slice(1)).toEqual([
      'touch: /sys/fs/cgroup/x: Read-only file system',
      "mkdir: can't create directory '/sys/fs/cgroup/y': Read-only file system",
    ]);
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(folder);
  });
});

function modeAndNumber(path: string): string {
  const { mode, rdev } = statSync(path);
  return `${(mode & 0o7777).toString(8)} ${((rdev >> 8) & 0xfff).toString(16)},${(rdev & 0xff).toString(16)}`;
}
