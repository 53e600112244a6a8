import { afterAll, describe, expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cores, mount, Rig } from './rig.ts';

describe.each(cores)('mounts of a container (%s core)', (_, path) => {
  const rig = new Rig(path);
  afterAll(() => rig.end());

  test('the root is the union of the layers with the write layer on top', async () => {
    const upperImage = rig.folder('second');
    writeFileSync(join(upperImage, 'mark'), 'second');
    const { output } = await rig.run('cat /mark; echo; echo new > /made; cat /etc/passwd | head -n 1', [], [rig.image, upperImage]);
    expect(output).toBe('second\nroot:x:0:0:root:/root:/bin/sh');
    expect(readFileSync(join(rig.upper, 'made'), 'utf8')).toBe('new\n');
    expect(existsSync(join(rig.image, 'made'))).toBe(false);
  });

  test('layers whose names are longer than a page together are all there', async () => {
    const layers = Array.from({ length: 120 }, (__, index) => {
      const layer = rig.folder(`many/${'l'.repeat(60)}${index}`);
      writeFileSync(join(layer, `file${index}`), '');
      writeFileSync(join(layer, 'top'), String(index));
      return layer;
    });
    const { output } = await rig.run('ls / | grep -c file; cat /top', [], [rig.image, ...layers]);
    expect(output).toBe('120\n119');
  });

  test('a layer with a path longer than fsconfig takes is mounted', async () => {
    const layer = rig.folder(`deep/${`${'d'.repeat(100)}/`.repeat(4)}`);
    writeFileSync(join(layer, 'found'), 'yes');
    expect((await rig.run('cat /found', [], [rig.image, layer])).output).toBe('yes');
  });

  test('nothing is mounted on the host', async () => {
    const inside = await rig.run('grep -c . /proc/self/mountinfo');
    expect(Number(inside.output)).toBeLessThan(20);
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(rig.root);
  });

  test('a folder, a file and a read-only bind appear at targets that are made', async () => {
    const source = rig.folder('bound/below');
    writeFileSync(join(source, '../file'), 'content');
    const { output } = await rig.run('ls /a/b; cat /c/d; echo; echo x > /a/b/new; echo y > /ro/below/no; stat -c %F /c/d', [
      ...mount('bind', '/a/b', 'rbind', join(rig.root, 'bound')),
      ...mount('bind', '/c/d', 'rbind', join(rig.root, 'bound/file')),
      ...mount('bind', '/ro', 'rbind,ro', join(rig.root, 'bound')),
    ]);
    expect(output).toBe("below\nfile\ncontent\nsh: can't create /ro/below/no: Read-only file system\nregular file");
    expect(readFileSync(join(rig.root, 'bound/new'), 'utf8')).toBe('x\n');
  });

  test('a read-only bind is read-only in the mounts below it too', async () => {
    const { output } = await rig.run('touch /host/run/mydocker-must-not-be', mount('bind', '/host', 'rbind,ro', '/'));
    expect(output).toContain('Read-only file system');
  });

  test('a tmpfs has its size, mode and owner, and may be read-only around other mounts', async () => {
    const { output } = await rig.run('stat -c "%a %u" /t; grep " /t " /proc/mounts; touch /t/x; touch /t/in/y && echo ok', [
      ...mount('tmpfs', '/t', 'size=1m,mode=750,uid=33,ro,nosuid'),
      ...mount('bind', '/t/in', 'rbind', rig.folder('inner')),
    ]);
    expect(output).toBe('750 33\ntmpfs /t tmpfs ro,nosuid,relatime,size=1024k,mode=750,uid=33 0 0\ntouch: /t/x: Read-only file system\nok');
  });

  test('a file system is mounted from the network of the host where that is asked for', async () => {
    // The kernel shows in a sysfs the interfaces of the network it was mounted from.
    const here = readdirSync('/sys/class/net').join('\n');
    const fields = [...mount('sysfs', '/theirs', 'ro', 'sysfs'), ['mount.host_network', '1'] as const];
    expect((await rig.run('ls /theirs/class/net', fields)).output.split('\n').sort()).toEqual(here.split('\n').sort());
    expect((await rig.run('ls /theirs/class/net', fields.slice(0, -1))).output).toBe('lo');
    expect(await rig.refuse([...mount('tmpfs', '/t', 'password=secret', 'device'), ['mount.host_network', '1']])).toBe(
      "mount EINVAL: cannot mount tmpfs device with password: tmpfs: Unknown parameter 'password': EINVAL",
    );
  });

  test('a content file has its text, mode and owner and leaves only an empty target in the write layer', async () => {
    const { output } = await rig.run('cat /etc/hosts; stat -c "%a %u %g" /etc/hosts; echo z >> /etc/hosts', [
      ['content', '/etc/hosts'],
      ['content.data', Buffer.from('127.0.0.1 localhost\n').toString('base64')],
      ['content.mode', '640'],
      ['content.uid', '33'],
      ['content.gid', '29'],
      ['content.readonly', '1'],
    ]);
    expect(output).toBe("127.0.0.1 localhost\n640 33 29\nsh: can't create /etc/hosts: Read-only file system");
    expect(readFileSync(join(rig.upper, 'etc/hosts'), 'utf8')).toBe('');
  });

  test('an image is mounted as a read-only volume', async () => {
    const other = rig.folder('other');
    writeFileSync(join(other, 'theirs'), '1');
    const { output } = await rig.run('ls /img; touch /img/x', [
      ...mount('overlay', '/img', ''),
      ['mount.lower', rig.makeImage('base')],
      ['mount.lower', other],
    ]);
    expect(output).toBe('bin\netc\ntheirs\ntmp\ntouch: /img/x: Read-only file system');
  });

  test('a part of a volume or of an image is mounted, and links in it do not lead out', async () => {
    const volume = rig.folder('volume');
    mkdirSync(join(volume, 'part'));
    writeFileSync(join(volume, 'part/mine'), '');
    symlinkSync('/part', join(volume, 'inside'));
    symlinkSync('/etc', join(volume, 'outside'));
    const image = rig.makeImage('with-parts');
    const { output } = await rig.run('ls /a /b /c; cat /d | head -n 1', [
      ...mount('bind', '/a', 'rbind', volume),
      ['mount.subpath', 'part'],
      ...mount('bind', '/b', 'rbind,ro', volume),
      ['mount.subpath', 'inside'],
      ...mount('overlay', '/c', ''),
      ['mount.lower', image],
      ['mount.subpath', 'etc'],
      ...mount('overlay', '/d', ''),
      ['mount.lower', image],
      ['mount.subpath', '/etc/passwd'],
    ]);
    expect(output).toBe('/a:\nmine\n\n/b:\nmine\n\n/c:\ngroup\npasswd\nroot:x:0:0:root:/root:/bin/sh');
    expect(await rig.refuse([...mount('bind', '/x', 'rbind', volume), ['mount.subpath', 'outside']])).toStartWith(
      `mount ENOENT: cannot open bind source ${volume} outside`,
    );
  });

  test('a bind is a slave of the host, its peer or neither, as asked', async () => {
    const shared = rig.folder('shared');
    spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', shared]);
    spawnSync('mount', ['--make-shared', shared]);
    try {
      const { output } = await rig.run('grep -E " /(p|s|m) " /proc/self/mountinfo', [
        ...mount('bind', '/p', 'rbind,rprivate', shared),
        ...mount('bind', '/s', 'rbind,rslave', shared),
        ...mount('bind', '/m', 'rbind,rshared', shared),
      ]);
      const line =
        readFileSync('/proc/self/mountinfo', 'utf8')
          .split('\n')
          .find((text) => text.includes(shared)) ?? '';
      const peer = /(shared:\d+)/.exec(line)?.[0] ?? 'not shared';
      const tags = output.split('\n').map((line) =>
        line
          .split(' ')
          .slice(6)
          .join(' ')
          .replace(/ ?- .*/, ''),
      );
      expect(tags).toEqual(['', peer.replace('shared', 'master'), peer]);
    } finally {
      spawnSync('umount', [shared]);
    }
  });

  test('any file system of the kernel can be a volume', async () => {
    expect((await rig.run('grep " /x " /proc/mounts', mount('ramfs', '/x', 'nodev', 'none'))).output).toBe(
      'none /x ramfs rw,nodev,relatime 0 0',
    );
  });

  test('masked and read-only paths are, and the rest of /proc is not', async () => {
    const { output } = await rig.run(
      'ls /proc/acpi /sys/firmware | grep -v :; cat /proc/keys; echo 1 > /proc/sys/kernel/domainname; chmod 777 /proc/keys; echo 0 > /proc/self/oom_score_adj && echo ok',
      [
        ...['/proc/acpi', '/proc/keys', '/sys/firmware', '/not/there'].map((masked) => ['mask', masked] as const),
        ['readonly_path', '/proc/sys'],
      ],
    );
    expect(output.split('\n').filter((line) => line !== '')).toEqual([
      "sh: can't create /proc/sys/kernel/domainname: Read-only file system",
      'chmod: /proc/keys: Read-only file system',
      'ok',
    ]);
  });

  test('a read-only root still has its writable mounts', async () => {
    const { output } = await rig.run('touch /x; touch /dev/shm/y && echo ok', [['rootfs_readonly', '1']]);
    expect(output).toBe('touch: /x: Read-only file system\nok');
  });

  test('links on the way to a target are followed inside of the container alone', async () => {
    const image = rig.makeImage('links');
    symlinkSync('../../../../../../var/tmp/mydocker-escape', join(image, 'up'));
    symlinkSync('/nowhere/yet', join(image, 'dangling'));
    symlinkSync(rig.folder('outside'), join(image, 'absolute'));
    mkdirSync(join(image, 'home'));
    chownSync(join(image, 'home'), 33, 33);
    const source = rig.folder('linked');
    writeFileSync(join(source, 'here'), '');
    const { output } = await rig.run(
      'ls /var/tmp/mydocker-escape/in /nowhere/yet /absolute/in',
      [
        ...mount('bind', '/up/in', 'rbind', source),
        ...mount('bind', '/dangling', 'rbind', source),
        ...mount('bind', '/absolute/in', 'rbind', source),
      ],
      [image],
    );
    expect(output).toBe('/absolute/in:\nhere\n\n/nowhere/yet:\nhere\n\n/var/tmp/mydocker-escape/in:\nhere');
    expect(existsSync('/var/tmp/mydocker-escape')).toBe(false);
    expect(existsSync(join(rig.root, 'outside/in'))).toBe(false);
  });
});
