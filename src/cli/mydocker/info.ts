import { readFileSync } from 'node:fs';
import { arch, cpus, hostname, release, totalmem } from 'node:os';
import type { Command } from 'commander';
import { readCgroupHost } from '../../runtime/containers/cgroup-host.ts';
import { formatRows } from '../../ui/rows.ts';
import { humanBinarySize } from '../../ui/human.ts';
import { writeOut } from '../../util/stdio.ts';
import { VERSION } from '../version.ts';
import type { Cli } from './cli.ts';

function operatingSystem(): string {
  try {
    return /^PRETTY_NAME="?(.*?)"?$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'Linux';
  } catch {
    return 'Linux';
  }
}

export function defineVerb(command: Command, cli: Cli): void {
  command.option('-f, --format <format>', 'a Go template, or json').action(async ({ format }: { readonly format?: string }) => {
    const runtime = await cli.open();
    const containers = await runtime.containers.list();
    const count = (status: string): number => containers.filter(({ state }) => state.status === status).length;
    const host = readCgroupHost();
    const info = {
      Containers: containers.length,
      ContainersRunning: count('running'),
      ContainersPaused: count('paused'),
      ContainersStopped: containers.filter(({ state }) => state.supervisorPid === 0).length,
      Images: (await runtime.images.list()).length,
      Driver: 'overlayfs',
      // A hybrid host's limits are set by version 1.
      CgroupVersion: host.v1.size === 0 ? '2' : '1',
      CgroupDriver: 'cgroupfs',
      OSType: 'linux',
      OperatingSystem: operatingSystem(),
      CgroupControllers: [...host.v1.keys(), ...(host.v2?.controllers ?? [])].sort(),
      KernelVersion: release(),
      Architecture: arch(),
      NCPU: cpus().length,
      MemTotal: totalmem(),
      Name: hostname(),
      DataRoot: runtime.context.roots.data,
      RunRoot: runtime.context.roots.run,
      ServerVersion: VERSION,
    };
    if (format !== undefined) {
      writeOut(formatRows([info], { format, columns: [] }));
      return;
    }
    writeOut(`Containers: ${String(info.Containers)}
 Running: ${String(info.ContainersRunning)}
 Paused: ${String(info.ContainersPaused)}
 Stopped: ${String(info.ContainersStopped)}
Images: ${String(info.Images)}
Version: ${info.ServerVersion}
Storage Driver: ${info.Driver}
Cgroup Version: ${info.CgroupVersion}
Cgroup Controllers: ${info.CgroupControllers.join(' ')}
Kernel Version: ${info.KernelVersion}
Operating System: ${info.OperatingSystem}
OSType: ${info.OSType}
Architecture: ${info.Architecture}
CPUs: ${String(info.NCPU)}
Total Memory: ${humanBinarySize(info.MemTotal)}
Name: ${info.Name}
Data Root: ${info.DataRoot}
Run Root: ${info.RunRoot}
`);
  });
}
