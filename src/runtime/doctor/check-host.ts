import { hierarchies } from '../containers/cgroup-host.ts';
import { ok, problem, warning, type Finding } from './finding.ts';
import type { DiskFacts, HostFacts } from './host-facts.ts';

const OLDEST_KERNEL = [5, 12] as const;
const CONTROLLERS = ['cpu', 'memory', 'pids'];
const GIB = 1024 ** 3;
/** File systems that overlayfs takes no write layer on, by their number in statfs(2). */
const WITHOUT_WRITE_LAYERS: ReadonlyMap<number, string> = new Map([
  [0x794c7630, 'overlayfs'],
  [0x6969, 'NFS'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB'],
  [0x65735546, 'FUSE'],
  [0x01021997, '9p'],
  [0x4d44, 'FAT'],
  [0x2011bab0, 'exFAT'],
  [0xf15f, 'eCryptfs'],
]);

/** What can be told from reading alone, in the order a person would look. */
export function checkHost(facts: HostFacts): readonly Finding[] {
  return [
    checkUser(facts),
    checkKernel(facts),
    checkOverlay(facts),
    checkDataRoot(facts),
    checkAppArmor(facts),
    ...checkCgroups(facts),
    checkNft(facts),
    checkLegacyTables(facts),
    ...checkForwarding(facts),
    checkResolver(facts),
    ...facts.disks.map(checkDisk),
  ];
}

function checkUser({ uid }: HostFacts): Finding {
  if (uid === 0) return ok('privileges', 'runs as root');
  return problem('privileges', `runs as user ${uid}, which cannot make containers`, 'Run it as root: sudo mydocker-compose …');
}

function checkKernel({ kernel }: HostFacts): Finding {
  const [major = 0, minor = 0] = kernel.split('.').map((part) => Number.parseInt(part, 10));
  const recent = major > OLDEST_KERNEL[0] || (major === OLDEST_KERNEL[0] && minor >= OLDEST_KERNEL[1]);
  if (recent) return ok('kernel', `Linux ${kernel}`);
  return problem('kernel', `Linux ${kernel} is older than ${OLDEST_KERNEL.join('.')}`, 'Upgrade the kernel.');
}

function checkOverlay({ fileSystems }: HostFacts): Finding {
  if (fileSystems.has('overlay')) return ok('overlayfs', 'the kernel has it');
  return problem('overlayfs', 'the kernel does not have overlayfs, which makes containers from image layers', 'Load it: modprobe overlay');
}

function checkDataRoot({ dataRoot: { folder, fileSystem } }: HostFacts): Finding {
  const name = WITHOUT_WRITE_LAYERS.get(fileSystem);
  if (name === undefined) return ok('data root', `${folder} takes write layers`);
  const advice =
    'Mount a local file system (ext4, xfs, btrfs, tmpfs) there, in a container a volume, or name another folder: MYDOCKER_DATA_ROOT.';
  return problem('data root', `${folder} is on ${name}, which takes no write layers of containers`, advice);
}

function checkAppArmor({ appArmor, appArmorParser }: HostFacts): Finding {
  if (!appArmor) return ok('apparmor', 'not enabled on this host');
  if (appArmorParser) return ok('apparmor', 'enabled; containers get the profile mydocker-default unless they name another');
  return warning(
    'apparmor',
    'enabled, but the program that loads profiles is not there: containers run unconfined by it',
    'Install the package apparmor. Capabilities, seccomp and masked paths are in force all the same.',
  );
}

function checkCgroups({ cgroups }: HostFacts): readonly Finding[] {
  if (hierarchies(cgroups).length === 0) {
    return [problem('cgroups', 'no cgroup hierarchy is mounted', 'Mount one: mount -t cgroup2 none /sys/fs/cgroup')];
  }
  const missing = CONTROLLERS.filter((name) => !cgroups.v1.has(name) && cgroups.v2?.controllers.has(name) !== true);
  const version = cgroups.v1.size === 0 ? 'version 2' : cgroups.v2 === undefined ? 'version 1' : 'versions 1 and 2 side by side';
  if (missing.length === 0) return [ok('cgroups', `${version}, with ${CONTROLLERS.join(', ')}`)];
  const advice = 'Limits of these kinds are not applied; boot with cgroup_enable=memory, or mount the controllers.';
  return [warning('cgroups', `${version}, without ${missing.join(', ')}`, advice)];
}

function checkNft({ nft }: HostFacts): Finding {
  if (nft) return ok('nft', 'the program is there');
  return problem('nft', 'the program nft is not there: networks cannot be made', 'Install the package nftables.');
}

function checkLegacyTables({ legacyTables }: HostFacts): Finding {
  if (!legacyTables.includes('filter')) return ok('iptables', 'no rules of iptables-legacy');
  return warning(
    'iptables',
    'iptables-legacy has a table filter, which this program cannot see or change',
    'If its chain FORWARD drops, let our bridges through: iptables-legacy -I FORWARD -i md-+ -j ACCEPT; iptables-legacy -I FORWARD -o md-+ -j ACCEPT',
  );
}

function checkForwarding({ forwarding }: HostFacts): readonly Finding[] {
  const later = 'It is switched on when the first network that needs it is made; to do it now: sysctl -w ';
  return [
    forwarding.ipv4 === '1'
      ? ok('forwarding', 'IPv4 packets are forwarded')
      : warning('forwarding', 'net.ipv4.ip_forward is 0: containers do not reach the outside', `${later}net.ipv4.ip_forward=1`),
    forwarding.ipv6 === '1' || forwarding.ipv6 === ''
      ? ok('forwarding', forwarding.ipv6 === '' ? 'the host has no IPv6' : 'IPv6 packets are forwarded')
      : ok('forwarding', 'IPv6 packets are not forwarded; that is switched on with the first IPv6 network'),
  ];
}

function checkResolver({ resolver: { nameservers } }: HostFacts): Finding {
  if (nameservers.length > 0) return ok('names', `foreign names are asked of ${nameservers.join(', ')}`);
  return warning(
    'names',
    '/etc/resolv.conf names no server: containers find each other, but no foreign names',
    'Add a nameserver line, or set dns: for the services.',
  );
}

function checkDisk({ folder, free, size, freeInodes, inodes }: DiskFacts): Finding {
  const text = `${folder}: ${(free / GIB).toFixed(1)} GiB of ${(size / GIB).toFixed(1)} GiB free`;
  const advice = 'Free some space: mydocker image prune, mydocker network prune, mydocker-compose down in projects that are not needed.';
  const isScarce = (share: number): boolean => free < size * share || (inodes > 0 && freeInodes < inodes * share);
  if (isScarce(0.01)) return problem('disk', text, advice);
  return isScarce(0.1) ? warning('disk', text, advice) : ok('disk', text);
}
