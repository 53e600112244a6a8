import { afterAll, describe, expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cores, mount, Rig } from './rig.ts';

describe.each(cores)('a start that fails (%s core)', (_, path) => {
  const rig = new Rig(path);
  afterAll(() => rig.end());

  test.each([
    [[['no_such_key', '1']], 'request EINVAL: start: unknown key no_such_key'],
    [[['rlimit', 'NOFILE many 1']], 'request EINVAL: rlimit: "NOFILE many 1" is not NAME SOFT HARD'],
    [[['hostname', 'x'.repeat(65)]], 'namespace EINVAL: cannot set the host name '],
    [[['lower', '/no/such/layer']], 'rootfs ENOENT: cannot make the overlay root at /no/such/layer'],
    [mount('bind', '/x', 'rbind', '/no/such/source'), 'mount ENOENT: cannot open bind source /no/such/source'],
    [mount('bind', '/etc', 'rbind', '/etc/passwd'), 'mount ENOTDIR: cannot mount a file on the folder /etc'],
    [mount('bind', '/etc/passwd', 'rbind', '/etc'), 'mount ENOTDIR: cannot mount a folder on the file /etc/passwd'],
    [mount('bind', '/etc/passwd/below', 'rbind', '/etc'), 'mount ENOTDIR: cannot make mount point /etc/passwd/below'],
    [mount('tmpfs', '/x', 'siz=1'), "mount EINVAL: cannot mount tmpfs with siz=1: tmpfs: Unknown parameter 'siz'"],
    [mount('nosuchfs', '/x', ''), 'mount ENODEV: cannot mount nosuchfs: the kernel does not know it'],
    [
      [
        ['node', '/dev/x'],
        ['node.type', 'c'],
        ['node.mode', '600'],
        ['mount', 'bind'],
        ['mount.target', '/dev/x/y'],
        ['mount.source', '/etc'],
      ],
      'device E',
    ],
    [[['user', 'nobody']], 'user : unable to find user nobody: no matching entries in passwd file'],
    [[['user', 'web:nogroup']], 'user : unable to find group nogroup: no matching entries in group file'],
    [[['group', 'nogroup']], 'user : unable to find group nogroup'],
    [[['cwd', '/etc/passwd']], 'cwd ENOTDIR: cannot change to the working directory /etc/passwd'],
    [[['seccomp', '/etc/passwd']], 'seccomp EINVAL: /etc/passwd is not a seccomp filter'],
    [[['seccomp', '/no/filter']], 'seccomp ENOENT: cannot read the seccomp filter /no/filter'],
    [[['apparmor', 'no-such-label']], 'capability E'],
  ] as const)('%j is told as stage, errno and a sentence', async (fields, expected) => {
    expect(await rig.refuse(fields)).toStartWith(expected);
  });

  test.each([
    [['nothere'], 'exec ENOENT: exec: "nothere": executable file not found in $PATH'],
    [['/nothere'], 'exec ENOENT: exec: "/nothere": no such file or directory'],
    [['/etc/passwd'], 'exec EACCES: exec: "/etc/passwd": permission denied'],
    [['/etc'], 'exec EACCES: exec: "/etc": permission denied'],
    [['/text'], 'exec ENOEXEC: exec: "/text": exec format error'],
    [['/script'], 'exec ENOENT: exec: "/script": no such file or directory'],
    [[''], 'exec ENOENT: exec: "": executable file not found in $PATH'],
  ] as const)('of program %j says whether it is missing or cannot be executed', async (command, expected) => {
    const layer = rig.folder('programs');
    writeFileSync(join(layer, 'text'), 'text\n', { mode: 0o755 });
    writeFileSync(join(layer, 'script'), '#!/no/interpreter\n', { mode: 0o755 });
    expect(await rig.refuse([], command, [rig.image, layer])).toStartWith(expected);
  });

  test('leaves no process, no mount and no socket behind', async () => {
    await rig.refuse([['user', 'nobody']]);
    await rig.refuse([['init', '1']], ['nothere']);
    const commands = spawnSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).stdout;
    expect(commands).not.toContain(rig.root);
    const files = readdirSync(rig.root, { recursive: true }).map(String);
    expect(files.filter((file) => file.endsWith('control.sock'))).toEqual([]);
  });
});

describe.each(cores)('a hostile image (%s core)', (_, path) => {
  const rig = new Rig(path);
  afterAll(() => rig.end());

  test.each(['proc', 'sys'])('with a link at /%s is refused', async (name) => {
    const image = rig.makeImage(`link-${name}`);
    mkdirSync(join(image, 'elsewhere'));
    symlinkSync('/elsewhere', join(image, name));
    expect(await rig.refuse([], ['true'], [image])).toMatch(
      /^mount ELOOP: cannot mount (proc|sysfs) on .*: it is a symbolic link in the image/,
    );
  });

  test('with links at /dev and /etc that lead to the host gets nothing of the host', async () => {
    const image = rig.makeImage('link-dev');
    const outside = rig.folder('outside');
    symlinkSync(outside, join(image, 'dev'));
    rmSync(join(image, 'etc'), { recursive: true });
    symlinkSync(`${outside}/etc`, join(image, 'etc'));
    const { output } = await rig.run(
      'ls /dev/null; echo x > /etc/made',
      [
        ['content', '/etc/hosts'],
        ['content.data', ''],
      ],
      [image],
    );
    expect(output).toBe('/dev/null');
    expect(readdirSync(outside)).toEqual([]);
  });

  test('with a FIFO, a folder or a broken text as /etc/passwd does not stop a start', async () => {
    for (const kind of ['fifo', 'folder', 'garbage']) {
      const image = rig.makeImage(`passwd-${kind}`);
      const file = join(image, 'etc/passwd');
      rmSync(file);
      if (kind === 'fifo') spawnSync('mkfifo', [file]);
      else if (kind === 'folder') mkdirSync(file);
      else writeFileSync(file, Buffer.from(Array.from({ length: 5000 }, (__, index) => (index * 7919) % 256)));
      expect((await rig.run('stat -L -c %u /proc/self', [['user', '12']], [image])).output).toBe('12');
      expect(await rig.refuse([['user', 'root']], ['true'], [image])).toStartWith('user : unable to find user root');
    }
  });

  test("cannot make the host's files its mount points by a loop of links", async () => {
    const image = rig.makeImage('loop');
    symlinkSync('b', join(image, 'a'));
    symlinkSync('a', join(image, 'b'));
    expect(await rig.refuse(mount('bind', '/a/x', 'rbind', '/etc'), ['true'], [image])).toStartWith('mount ELOOP: ');
  });
});
