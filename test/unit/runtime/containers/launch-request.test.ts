import { expect, test } from 'bun:test';
import type { ContainerConfig, MountSpec } from '../../../../src/model/container.ts';
import { launchRequest, type LaunchFacts } from '../../../../src/runtime/containers/launch-request.ts';
import { sampleConfig } from './sample-config.ts';

function facts(change: Partial<LaunchFacts> = {}): LaunchFacts {
  return {
    paths: { data: '/data/c', run: '/run/c', eventLog: '/run/events' },
    cgroups: {
      host: { v1: new Map(), v2: { root: '/cg', controllers: new Set(['cpu', 'memory', 'pids']) } },
      blockDevices: new Map(),
      cpusetCpus: '',
      cpusetMems: '',
    },
    sources: {
      volumes: new Map([['/v', { kind: 'folder', path: '/data/volumes/v/_data' }]]),
      files: new Set(['/etc/one']),
      layerFolders: (ids) => ids.map((id) => `/layers/${id}`),
    },
    devices: [],
    appArmor: {},
    namespaces: {},
    networkMounts: [],
    networkFields: [],
    shell: [],
    ...change,
  };
}

function fieldsOf(change: Partial<ContainerConfig>, given: Partial<LaunchFacts> = {}): readonly (readonly [string, string])[] {
  return launchRequest(sampleConfig(change), facts(given)).fields;
}
function values(fields: readonly (readonly [string, string])[], key: string): readonly string[] {
  return fields.filter(([name]) => name === key).map(([, value]) => value);
}
function mountLines(fields: readonly (readonly [string, string])[]): readonly string[] {
  const lines: string[] = [];
  for (const [key, value] of fields) {
    if (key === 'mount') lines.push(value);
    else if (key.startsWith('mount.')) lines.push(`${lines.pop() ?? ''} ${key.slice(6)}=${value}`);
  }
  return lines;
}

test('layers keep their order, the write layer is the container’s own', () => {
  const fields = fieldsOf({});
  expect(values(fields, 'lower')).toEqual(['/layers/sha256:a', '/layers/sha256:b']);
  expect(values(fields, 'upper')).toEqual(['/data/c/diff']);
  expect(values(fields, 'work')).toEqual(['/data/c/work']);
});

test('mounts come parents first, after the default ones', () => {
  const bind = (source: string, target: string, readOnly = false): MountSpec => ({
    type: 'bind',
    source,
    target,
    readOnly,
    propagation: 'rprivate',
    recursive: true,
    createSource: false,
  });
  const lines = mountLines(fieldsOf({ mounts: [bind('/h/deep', '/a/b/c'), bind('/h/one', '/etc/one', true), bind('/h/a', '/a')] }));
  expect(lines.slice(-3)).toEqual([
    'bind source=/h/a target=/a options=rbind,rw,rprivate create=dir',
    'bind source=/h/one target=/etc/one options=rbind,ro,rprivate create=file',
    'bind source=/h/deep target=/a/b/c options=rbind,rw,rprivate create=dir',
  ]);
  expect(lines[0]).toBe('proc target=/proc options=nosuid,noexec,nodev');
});

test('a mount of the user’s takes the place of a default one', () => {
  const tmpfs: MountSpec = {
    type: 'tmpfs',
    target: '/dev/shm',
    readOnly: false,
    size: 1024,
    mode: 0o1777,
    uid: 0,
    gid: 0,
    options: ['exec'],
  };
  const lines = mountLines(fieldsOf({ mounts: [tmpfs] })).filter((line) => line.includes('/dev/shm'));
  expect(lines).toEqual(['tmpfs target=/dev/shm options=nosuid,nodev,size=1024,mode=1777 create=dir']);
});

test('a volume is bound from its folder, an image mounted read-only', () => {
  const lines = mountLines(
    fieldsOf({
      mounts: [
        { type: 'volume', volume: 'v', anonymous: false, nocopy: false, subpath: '', target: '/v', readOnly: true },
        { type: 'image', layers: ['sha256:x'], subpath: '', target: '/image', readOnly: true },
      ],
    }),
  );
  expect(lines.slice(-2)).toEqual([
    'bind source=/data/volumes/v/_data target=/v options=rbind,ro,rprivate create=dir',
    'overlay target=/image options=ro create=dir lower=/layers/sha256:x',
  ]);
});

test('content is handed over with owner and mode', () => {
  const fields = fieldsOf({
    mounts: [{ type: 'content', target: '/run/secrets/s', readOnly: true, content: 'aGk=', mode: 0o400, uid: 5, gid: 6 }],
  });
  const start = fields.findIndex(([key]) => key === 'content');
  expect(fields.slice(start, start + 6)).toEqual([
    ['content', '/run/secrets/s'],
    ['content.data', 'aGk='],
    ['content.mode', '400'],
    ['content.uid', '5'],
    ['content.gid', '6'],
    ['content.readonly', '1'],
  ]);
});

test('privileged: no masks, no device rules, the host’s devices, writable /sys', () => {
  const fields = fieldsOf({ security: { ...sampleConfig().security, privileged: true } });
  expect(values(fields, 'mask')).toEqual([]);
  expect(values(fields, 'readonly_path')).toEqual([]);
  expect(values(fields, 'device')).toEqual([]);
  expect(values(fields, 'dev_host')).toEqual(['1']);
  expect(mountLines(fields)).toContain('sysfs target=/sys options=nosuid,noexec,nodev');
});

test('namespaces: new, the host’s, another container’s', () => {
  const fields = fieldsOf(
    {
      namespaces: {
        ...sampleConfig().namespaces,
        pid: { kind: 'host' },
        network: { kind: 'container', container: 'x' },
        uts: { kind: 'host' },
      },
    },
    { namespaces: { network: '/proc/7/ns/net|99' } },
  );
  expect(values(fields, 'ns.net')).toEqual(['/proc/7/ns/net|99']);
  expect(values(fields, 'ns.pid')).toEqual(['host']);
  expect(values(fields, 'ns.ipc')).toEqual(['new']);
  expect(values(fields, 'hostname')).toEqual([]);
});

test('PATH, HOSTNAME and TERM are there unless the image has them', () => {
  expect(values(fieldsOf({}), 'env')).toEqual([
    'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    'HOSTNAME=host',
    'A=1',
  ]);
  const process = { ...sampleConfig().process, tty: true, env: ['PATH=/x', 'HOSTNAME=h'] };
  expect(values(fieldsOf({ process }), 'env')).toEqual(['TERM=xterm', 'PATH=/x', 'HOSTNAME=h']);
});

test('limits, stop and restart in the words of the core', () => {
  const fields = fieldsOf({
    process: { ...sampleConfig().process, ulimits: [{ name: 'nofile', soft: 10, hard: -1 }] },
    stop: { signal: 'SIGRTMIN+3', timeout: -1 },
    restart: { name: 'on-failure', maximumRetryCount: 3 },
  });
  expect(values(fields, 'rlimit')).toEqual(['NOFILE 10 unlimited']);
  expect(values(fields, 'stop.signal')).toEqual(['37']);
  expect(values(fields, 'stop.timeout')).toEqual(['-1']);
  expect(values(fields, 'restart')).toEqual(['on-failure:3']);
});

test('no sysctls of the network in the host’s network namespace', () => {
  expect(values(fieldsOf({}), 'sysctl')).toHaveLength(2);
  expect(values(fieldsOf({ namespaces: { ...sampleConfig().namespaces, network: { kind: 'host' } } }), 'sysctl')).toEqual([]);
});

test('a health check through the shell', () => {
  const healthcheck = { test: ['CMD-SHELL', 'test -f /ok'], interval: 1000, timeout: 500, retries: 2, startPeriod: 0, startInterval: 5000 };
  expect(values(fieldsOf({ healthcheck }), 'health.arg')).toEqual(['/bin/sh', '-c', 'test -f /ok']);
  expect(values(fieldsOf({ healthcheck }), 'health.interval')).toEqual(['1000']);
});

test('the AppArmor profile that was chosen is set, and a reason why none was is told', () => {
  const withProfile = launchRequest(sampleConfig(), facts({ appArmor: { profile: 'web' } }));
  expect(values(withProfile.fields, 'apparmor')).toEqual(['web']);
  expect(withProfile.warnings).toEqual([]);
  const without = launchRequest(sampleConfig(), facts({ appArmor: { warning: 'no AppArmor here' } }));
  expect(values(without.fields, 'apparmor')).toEqual([]);
  expect(without.warnings).toEqual(['no AppArmor here']);
});
