import { afterAll, describe, expect, test } from 'bun:test';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cores, hasEnded, Rig } from './rig.ts';

describe.each(cores)('the process of a container (%s core)', (name, path) => {
  const rig = new Rig(path);
  afterAll(() => rig.end());

  test.each([
    ['', 'uid=0(root) gid=0(root) groups=0(root)\n/root'],
    ['web', 'uid=33(web) gid=33(web) groups=29(audio),33(web)\n/home/web'],
    ['33', 'uid=33(web) gid=33(web) groups=29(audio),33(web)\n/home/web'],
    ['web:audio', 'uid=33(web) gid=29(audio) groups=29(audio)\n/home/web'],
    ['1000', 'uid=1000 gid=0(root) groups=0(root)\n/'],
    ['1000:2000', 'uid=1000 gid=2000 groups=2000\n/'],
  ])('user "%s" is found in the container', async (user, expected) => {
    // The shell of root makes the output file; who `user` is shows in the exec'd process.
    expect((await rig.run('id; echo $HOME', [['user', user]])).output).toBe(expected);
  });

  test('groups are added by name and number', async () => {
    const { output } = await rig.run('id -G', [
      ['user', '7:8'],
      ['group', 'audio'],
      ['group', '77'],
    ]);
    expect(output).toBe('8 29 77');
  });

  test('capabilities are those asked for, and none are left to another user', async () => {
    const sets = 'grep Cap /proc/self/status';
    const root = (await rig.run(sets)).output.replaceAll('\t', '');
    expect(root).toBe(
      'CapInh:0000000000000000\nCapPrm:00000000a80425fb\nCapEff:00000000a80425fb\nCapBnd:00000000a80425fb\nCapAmb:0000000000000000',
    );
    const web = (await rig.run(sets, [['user', 'web']])).output.replaceAll('\t', '');
    expect(web).toContain('CapPrm:0000000000000000\nCapEff:0000000000000000\nCapBnd:00000000a80425fb');
  });

  test('ambient capabilities reach another user', async () => {
    const { output } = await rig.run('grep -E "CapEff|CapAmb" /proc/self/status', [
      ['user', 'web'],
      ['cap.inheritable', '400'],
      ['cap.ambient', '400'],
    ]);
    expect(output.replaceAll('\t', '')).toBe('CapEff:0000000000000400\nCapAmb:0000000000000400');
  });

  test('a seccomp filter is compiled, and installed with and without no_new_privs', async () => {
    const filter = join(rig.root, 'filter.bpf');
    await rig.core.request('seccomp', [
      ['output', filter],
      ['default', 'allow'],
      ['rule', 'errno:13 mkdir mkdirat not_a_call'],
      ['rule', 'errno:2 kill'],
      ['rule.arg', '1 eq 10'],
    ]);
    for (const more of [[], [['no_new_privs', '1']], [['user', 'web']], [['init', '1']]] as const) {
      const { output } = await rig.run('mkdir /tmp/x; grep -E "Seccomp:|NoNew" /proc/self/status', [['seccomp', filter], ...more]);
      expect(output.replaceAll('\t', '')).toBe(
        `mkdir: can't create directory '/tmp/x': Permission denied\nNoNewPrivs:${more[0]?.[0] === 'no_new_privs' ? 1 : 0}\nSeccomp:2`,
      );
    }
  });

  test('a call newer than an errno profile does not exist, a call it leaves out is forbidden', async () => {
    const filter = join(rig.root, 'newer.bpf');
    await rig.core.request('seccomp', [
      ['output', filter],
      ['default', 'errno:1'],
      ['arch', 'SCMP_ARCH_X86_64'],
      ['rule', 'allow close_range openat2'],
    ]);
    const code = new Uint32Array(await Bun.file(filter).arrayBuffer());
    // ld nr; jgt 437 (openat2); jge 1000; ret ERRNO|ENOSYS
    expect([code[3], code[5], code[7]]).toEqual([437, 1000, 0x50000 + 38]);
  });

  test('limits are set; what the host does not allow is clamped with a warning', async () => {
    const { reply, output } = await rig.run('grep -E "open files" /proc/self/limits', [
      ['rlimit', 'NOFILE 100 200'],
      ['rlimit', 'core 0 0'],
      ['rlimit', 'NPROC unlimited unlimited'],
    ]);
    expect(output.split(/ {2,}/)).toEqual(['Max open files', '100', '200', 'files']);
    expect(reply['warnings'] ?? []).toEqual(
      hasResourceCapability() ? [] : [expect.stringContaining('limit NPROC of unlimited:unlimited is beyond what this host allows')],
    );
  });

  test('the working directory is made, and signals, umask, descriptors and environment are fresh', async () => {
    const fresh = 'pwd; umask; grep -E "SigBlk|SigIgn" /proc/self/status; ls /proc/self/fd; env | grep -E "^(A|B|HOME|PATH)="';
    const { output } = await rig.run(fresh, [
      ['cwd', '/made/for/me'],
      ['env', 'A=1'],
      ['env', 'B=x=y'],
    ]);
    const lines = output.replaceAll('\t', '').split('\n');
    expect(lines.slice(0, 8)).toEqual([
      ...['/made/for/me', '0022', 'SigBlk:0000000000000000', 'SigIgn:0000000000000000'],
      ...['0', '1', '2', '3'],
    ]);
    expect(lines.slice(8).sort()).toEqual(['A=1', 'B=x=y', 'HOME=/root', 'PATH=/bin']);
  });

  test("with a terminal the streams are the container's own, of the size asked for", async () => {
    const { output } = await rig.run('tty < /dev/console; stty size < /dev/pts/0; ls /dev/pts; stat -c %F /dev/console; id -u < /dev/tty', [
      ['tty', '1'],
      ['tty.rows', '33'],
      ['tty.cols', '111'],
    ]);
    expect(output).toBe('/dev/console\n33 111\n0\nptmx\ncharacter special file\n0');
  });

  test('our init is process 1 and collects orphans; the host cannot be reached through its executable', async () => {
    const orphan = '(sh -c "true & exec true" &); sleep 0.1; cat /proc/[0-9]*/status | grep -c "State:.Z"';
    const { output } = await rig.run(`cat /proc/1/comm; ${orphan}; ls /proc/1/root; echo x > /proc/1/exe; echo done`, [['init', '1']]);
    const lines = output.split('\n');
    expect(lines.slice(0, 2)).toEqual(['init', '0']);
    // A dynamic program cannot be executed in there: then init is the forked process itself, closed to everybody.
    if (name === 'release') expect(lines).toContain('bin');
    else expect(lines).toContain('ls: /proc/1/root: Permission denied');
    expect(lines.slice(-2)).toEqual([
      expect.stringMatching(/^sh: can't create \/proc\/1\/exe: (Read-only file system|Permission denied)$/),
      'done',
    ]);
  });

  test('our init collects orphans in the pid namespace of the host too, and what it leaves behind ends with it', async () => {
    const folder = `/sys/fs/cgroup/${existsSync('/sys/fs/cgroup/pids') ? 'pids/' : ''}mydocker/${randomBytes(32).toString('hex')}`;
    const { output } = await rig.run('(sleep 1000 & echo $!); true', [
      ['init', '1'],
      ['ns.pid', 'host'],
      ['cgroup', folder],
      ['cgroup.procs', `${folder}/cgroup.procs`],
    ]);
    expect(existsSync(folder)).toBe(false);
    expect(hasEnded(Number(output))).toBe(true);
  });
});

/** CAP_SYS_RESOURCE, without which limits can only be lowered. */
function hasResourceCapability(): boolean {
  const mask = /CapEff:\s*([0-9a-f]+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  return (BigInt(`0x${mask}`) & (1n << 24n)) !== 0n;
}
