import type { ContainerDraft, Image } from '../../src/model/runtime.ts';

/** A container of an image that has a shell; one called `ends` ends with status 3, others go on. */
export function sampleDraft(name: string, image: Pick<Image, 'id' | 'layers'>, change: Partial<ContainerDraft> = {}): ContainerDraft {
  const args = ['sh', '-c', name === 'ends' ? 'exit 3' : 'while true; do sleep 0.1; done'];
  return {
    name,
    image: { reference: 'busybox', id: image.id, layers: image.layers },
    labels: {},
    process: {
      args,
      entrypoint: [],
      command: args,
      env: [],
      cwd: '',
      user: '',
      groupAdd: [],
      tty: false,
      stdinOpen: false,
      stdinOnce: false,
      ulimits: [],
      oomScoreAdj: 0,
    },
    hostname: '',
    domainname: '',
    namespaces: {
      network: { kind: 'none' },
      pid: { kind: 'private' },
      ipc: { kind: 'private' },
      uts: { kind: 'private' },
      cgroup: { kind: 'private' },
    },
    mounts: [],
    readonlyRootfs: false,
    security: { privileged: false, capAdd: [], capDrop: [], noNewPrivileges: false, seccomp: 'default', maskSystemPaths: true },
    resources: {},
    sysctls: {},
    devices: [],
    shmSize: 1 << 20,
    init: false,
    restart: { name: 'no', maximumRetryCount: 0 },
    stop: { signal: 'SIGTERM', timeout: 0 },
    log: { driver: 'json-file', maxSize: 0, maxFile: 1 },
    network: { endpoints: [], ports: [], extraHosts: [], dns: [], dnsSearch: [], dnsOptions: [], exposed: [] },
    autoRemove: false,
    ...change,
  };
}
