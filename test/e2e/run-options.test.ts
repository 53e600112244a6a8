import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { useSandbox } from '../helpers/sandbox.ts';
import { until } from '../helpers/until.ts';

const sandbox = useSandbox();
const run = (...args: string[]): Promise<string> => sandbox.mydocker(['run', '--rm', '--network', 'none', ...args]);
const sh = (script: string, ...flags: string[]): Promise<string> => run(...flags, 'busybox', 'sh', '-c', script);

test('user and groups are looked up in the container, or taken as numbers', async () => {
  expect(await sh('id', '-u', '1234:5678', '--group-add', '99')).toBe('uid=1234 gid=5678 groups=99,5678');
  expect(await sh('id -u; echo $HOME', '-u', 'root')).toBe('0\n/root');
});

test('environment: the image’s, a file’s, the flag’s, in this order', async () => {
  const file = sandbox.write('vars.env', '# comment\nA=file\nB=file\n\nFROM_HERE\n');
  const result = await sandbox.mydocker(
    [
      'run',
      '--rm',
      '--network',
      'none',
      '--env-file',
      file,
      '-e',
      'A=flag',
      '-e',
      'EMPTY=',
      'busybox',
      'sh',
      '-c',
      'echo "$A|$B|$FROM_HERE|${EMPTY-unset}|$HOSTNAME"',
    ],
    { env: { FROM_HERE: 'yes' } },
  );
  expect(result).toMatch(/^flag\|file\|yes\|\|[0-9a-f]{12}$/);
});

test('working directory, made when missing; entrypoint; host name; umask', async () => {
  expect(await sh('pwd; hostname; umask', '-w', '/new/place', '--hostname', 'there')).toBe('/new/place\nthere\n0022');
  expect(await run('--entrypoint', 'echo', 'busybox', 'hello')).toBe('hello');
});

test('a read-only root, with a tmpfs to write to', async () => {
  const script = 'touch /x 2>/dev/null && echo root; touch /t/x && echo tmpfs; grep " /t " /proc/mounts';
  expect(await sh(script, '--read-only', '--tmpfs', '/t:size=64k,mode=700')).toMatch(
    /^tmpfs\ntmpfs \/t tmpfs rw,nosuid,nodev,noexec,relatime,size=64k,mode=700/,
  );
});

test('capabilities: the default, dropped, added, all', async () => {
  const mask = async (...flags: string[]): Promise<string> => (await sh('grep CapBnd /proc/self/status', ...flags)).split('\t')[1] ?? '';
  const own = BigInt(`0x${/CapBnd:\t(\w+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'}`);
  const hex = (wanted: bigint): string => (wanted & own).toString(16).padStart(16, '0');
  expect(await mask()).toBe(hex(0xa80425fbn));
  expect(await mask('--cap-drop', 'ALL', '--cap-add', 'CHOWN')).toBe(hex(1n));
  expect(await mask('--privileged')).toBe(hex(0x1ffffffffffn));
});

test('seccomp: the default refuses unshare, unconfined does not; no_new_privs on request', async () => {
  expect(await sh('unshare -U true 2>/dev/null; echo $?; grep -E "^(Seccomp|NoNewPrivs)" /proc/self/status')).toBe(
    '1\nNoNewPrivs:\t0\nSeccomp:\t2\nSeccomp_filters:\t1',
  );
  expect(
    await sh(
      'grep -E "^(Seccomp|NoNewPrivs):" /proc/self/status',
      '--security-opt',
      'seccomp=unconfined',
      '--security-opt',
      'no-new-privileges',
    ),
  ).toBe('NoNewPrivs:\t1\nSeccomp:\t0');
});

test('a profile of one’s own in Docker’s format', async () => {
  const profile = sandbox.write(
    'profile.json',
    JSON.stringify({
      defaultAction: 'SCMP_ACT_ALLOW',
      syscalls: [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet: 13 }],
    }),
  );
  expect(await sh('mkdir /x 2>&1; true', '--security-opt', `seccomp=${profile}`)).toContain('Permission denied');
});

test('paths of the host’s kernel are masked or read-only', async () => {
  expect(await sh('cat /proc/timer_list /proc/keys | wc -c; echo 1 > /proc/sys/kernel/printk; ls /sys/firmware | wc -l')).toContain('0');
  expect(await sh('echo x > /proc/sys/kernel/domainname 2>/dev/null; echo $?')).toBe('1');
});

test('limits reach the cgroup, and the container sees its own', async () => {
  const script =
    'cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/cpu/cpu.cfs_quota_us /sys/fs/cgroup/cpu/cpu.shares 2>/dev/null || ' +
    'cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/pids.max /sys/fs/cgroup/cpu.max /sys/fs/cgroup/cpu.weight';
  const lines = (await sh(script, '-m', '64m', '--pids-limit', '30', '--cpus', '0.5', '--cpu-shares', '512')).split('\n');
  expect(lines.slice(0, 2)).toEqual(['67108864', '30']);
  expect(lines[2]).toMatch(/^50000( 100000)?$/);
});

test('out of memory: the event comes when it happens, and the container goes on', async () => {
  const hungry = 'sh -c "x=x; while true; do x=\\$x\\$x; done"; echo survived; sleep 1000';
  await sandbox.mydocker(['run', '-d', '--init', '--name', 'fed', '--network', 'none', '-m', '16m', 'busybox', 'sh', '-c', hungry]);
  await until('the container goes on', async () => (await sandbox.mydocker(['logs', 'fed'])).includes('survived'));
  const events = ['events', '--since', '1h', '--until', '0s', '--filter', 'event=oom', '--filter', 'container=fed'];
  await until('the event is there', async () => (await sandbox.mydocker(events)) !== '');
  expect((await sandbox.mydocker(events)).split('\n')).toHaveLength(1);
  expect(await sandbox.mydocker(['inspect', '-f', '{{.State.Status}}', 'fed'])).toBe('running');
});

test('out of memory: killed, and inspect says so', async () => {
  const result = await sandbox.tryMydocker([
    'run',
    '--name',
    'hungry',
    '--network',
    'none',
    '-m',
    '16m',
    'busybox',
    'sh',
    '-c',
    'x=x; while true; do x=$x$x; done',
  ]);
  expect(result.status).toBe(137);
  expect(await sandbox.mydocker(['inspect', '-f', '{{.State.OOMKilled}}', 'hungry'])).toBe('true');
});

test('ulimits, sysctls, shared memory size', async () => {
  expect(
    await sh(
      'ulimit -n; cat /proc/sys/net/ipv4/ip_forward; df -k /dev/shm | tail -1',
      '--ulimit',
      'nofile=123:456',
      '--sysctl',
      'net.ipv4.ip_forward=1',
      '--shm-size',
      '1m',
    ),
  ).toMatch(/^123\n1\nshm|^123\n1\ntmpfs\s+1024/);
});

test('an init of our own reaps and passes signals on', async () => {
  expect(await sh('cat /proc/1/comm; sleep 0.01 & exec sh -c "wait; ls -d /proc/[0-9]* | wc -l"', '--init')).not.toStartWith('sh\n');
});

test('exit statuses: the program’s own, 128 + signal', async () => {
  expect((await sandbox.tryMydocker(['run', '--rm', '--network', 'none', 'busybox', 'sh', '-c', 'exit 42'])).status).toBe(42);
  expect((await sandbox.tryMydocker(['run', '--rm', '--init', '--network', 'none', 'busybox', 'sh', '-c', 'kill -9 $$'])).status).toBe(137);
});

test('standard input, output and error arrive where they should', async () => {
  const result = await sandbox.tryMydocker(['run', '--rm', '-i', '--network', 'none', 'busybox', 'sh', '-c', 'cat; echo err >&2'], {
    input: 'line 1\nline 2\n',
  });
  expect(result).toMatchObject({ status: 0, stdout: 'line 1\nline 2\n', stderr: 'err\n' });
});

test('a device of the host, and no other', async () => {
  expect(await sh('ls /dev; cat /dev/mine | head -c 2 | wc -c', '--device', '/dev/zero:/dev/mine:r')).toMatch(/\nmine\n[\s\S]*\n2$/);
  expect(await sh('mknod /tmp/k c 1 11 && cat /tmp/k 2>&1; true')).toContain('not permitted');
});

test('a container has all processors, or those it is given', async () => {
  const allowed = async (...options: string[]) => (await sh('grep Cpus_allowed_list /proc/self/status', ...options)).split('\t')[1];
  const all = /^Cpus_allowed_list:\t(.*)$/m.exec(readFileSync('/proc/1/status', 'utf8'))?.[1];
  expect(await allowed()).toBe(all);
  expect(await allowed('--cpuset-cpus', '0')).toBe('0');
  expect(await allowed()).toBe(all);
});
