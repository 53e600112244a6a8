import { readdirSync, statSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { MydockerError } from '../../errors.ts';
import type { BlkioDevice, DeviceSpec } from '../../model/container.ts';
import type { DeviceNumber } from './cgroup-plan.ts';
import type { DeviceNode } from './device-rules.ts';

const TYPE_MASK = 0o170000;
const CHARACTER = 0o020000;
const BLOCK = 0o060000;

/** The nodes a device spec stands for: one, or those of a folder such as /dev/snd. */
export function deviceNodes(specs: readonly DeviceSpec[]): readonly DeviceNode[] {
  return specs.flatMap(({ hostPath, containerPath, permissions }) => {
    const stats = statOf(hostPath);
    if (stats.isDirectory()) {
      return readdirSync(hostPath).flatMap((name) => {
        const node = nodeOf(join(hostPath, name), join(containerPath, name), permissions);
        return node === undefined ? [] : [node];
      });
    }
    const node = nodeOf(hostPath, containerPath, permissions);
    if (node === undefined) throw new MydockerError('invalid', `${hostPath} is not a device`);
    return [node];
  });
}

function nodeOf(hostPath: string, containerPath: string, permissions: string): DeviceNode | undefined {
  const { mode, rdev, uid, gid } = statOf(hostPath);
  const type = mode & TYPE_MASK;
  if (type !== CHARACTER && type !== BLOCK) return undefined;
  return { containerPath, type: type === BLOCK ? 'b' : 'c', ...numberOfDevice(rdev), mode: mode & 0o777, uid, gid, permissions };
}

function statOf(path: string): Stats {
  try {
    return statSync(path);
  } catch (error) {
    throw new MydockerError('invalid', `there is no device ${path} on this host`, { cause: error });
  }
}

/** As glibc packs a dev_t: twelve and twenty bits of the major, eight and twelve of the minor. */
function numberOfDevice(rdev: number): DeviceNumber {
  const device = BigInt(rdev);
  const major = ((device >> 8n) & 0xfffn) | ((device >> 32n) & ~0xfffn);
  const minor = (device & 0xffn) | ((device >> 12n) & ~0xffn & 0xffffffffn);
  return { major: Number(major), minor: Number(minor) };
}

export function blockDevices(devices: readonly BlkioDevice[] = []): ReadonlyMap<string, DeviceNumber> {
  const numbers = new Map<string, DeviceNumber>();
  for (const { path } of devices) {
    const { mode, rdev } = statOf(path);
    if ((mode & TYPE_MASK) === BLOCK) numbers.set(path, numberOfDevice(rdev));
  }
  return numbers;
}
