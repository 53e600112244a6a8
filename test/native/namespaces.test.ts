import { afterAll, describe, expect, test } from 'bun:test';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { cores, mount, Rig } from './rig.ts';

const kinds = ['pid', 'uts', 'ipc', 'net', 'cgroup'] as const;
const links = 'for k in pid uts ipc net cgroup; do readlink /proc/self/ns/$k; done';

describe.each(cores)('namespaces of a container (%s core)', (_, path) => {
  const rig = new Rig(path);
  afterAll(() => rig.end());

  test('all are new by default, with loopback up and the host name set', async () => {
    const { output } = await rig.run(`${links}; hostname; echo $$; ip -o link | grep -c LOOPBACK,UP; ls /sys/class/net`, [
      ['domainname', 'example'],
    ]);
    const lines = output.split('\n');
    kinds.forEach((kind, index) => expect(lines[index]).not.toBe(readlinkSync(`/proc/self/ns/${kind}`)));
    expect(lines.slice(5)).toEqual([expect.stringMatching(/^c\d+$/), '1', '1', 'lo']);
  });

  test("each can be the host's", async () => {
    const { output } = await rig.run(
      `${links}; hostname`,
      kinds.map((kind) => [`ns.${kind}`, 'host'] as const),
    );
    expect(output.split('\n')).toEqual([...kinds.map((kind) => readlinkSync(`/proc/self/ns/${kind}`)), hostname()]);
  });

  test("each can be another process's, if it is still the one that was meant", async () => {
    const other = Bun.spawn(['unshare', '--pid', '--uts', '--ipc', '--net', '--cgroup', '--fork', '--kill-child', 'sleep', '60']);
    try {
      const pid = await childOf(other.pid);
      const start = startOf(pid);
      const joined = kinds.map((kind) => [`ns.${kind}`, `/proc/${pid}/ns/${kind}|${start}`] as const);
      const expected = kinds.map((kind) => readlinkSync(`/proc/${pid}/ns/${kind}`));
      expect((await rig.run(links, joined)).output.split('\n')).toEqual(expected);
      expect(await rig.refuse([['ns.net', `/proc/${pid}/ns/net|${start + 1}`]])).toBe(
        `namespace ESRCH: process ${pid}, whose net namespace to join, has ended`,
      );
    } finally {
      other.kill('SIGKILL');
      await other.exited;
    }
  });

  test('a folder of another container can be a bind source', async () => {
    const other = Bun.spawn(
      ['unshare', '--mount', 'sh', '-c', 'mount -t tmpfs tmpfs /mnt && echo theirs > /mnt/file && echo ready && exec sleep 60'],
      {
        stdout: 'pipe',
      },
    );
    try {
      await other.stdout.getReader().read();
      const namespace = `/proc/${other.pid}/ns/mnt|${startOf(other.pid)}`;
      const { output } = await rig.run('cat /theirs/file', [...mount('bind', '/theirs', 'rbind', '/mnt'), ['mount.namespace', namespace]]);
      expect(output).toBe('theirs');
      expect(await rig.refuse([...mount('bind', '/x', 'bind', '/mnt'), ['mount.namespace', `${namespace}1`]])).toStartWith(
        'namespace ESRCH: ',
      );
    } finally {
      other.kill('SIGKILL');
      await other.exited;
    }
  });

  test('kernel parameters of the new namespaces are set, others are refused', async () => {
    const { output } = await rig.run('cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/msgmax', [
      ['sysctl', 'net.ipv4.ip_forward=1'],
      ['sysctl', 'kernel/msgmax=4096'],
      ['readonly_path', '/proc/sys'],
    ]);
    expect(output).toBe('1\n4096');
    expect(await rig.refuse([['sysctl', 'net.no.such=1']])).toStartWith('sysctl ENOENT: cannot set net.no.such to "1"');
    expect(await rig.refuse([['sysctl', '../../etc/passwd=1']])).toStartWith('request EINVAL: sysctl');
    for (const name of ['net/../kernel/panic', 'net.//.kernel.panic', 'net/./ipv4/ip_forward', 'net..ipv4.ip_forward', '/net'])
      expect(await rig.refuse([['sysctl', `${name}=0`]])).toStartWith('request EINVAL: sysctl');
  });
});

async function childOf(parent: number): Promise<number> {
  for (;;) {
    const child = Number(readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').split(' ')[0]);
    if (child > 0 && readFileSync(`/proc/${child}/comm`, 'utf8') === 'sleep\n') return child;
    await Bun.sleep(5);
  }
}

function startOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
}
