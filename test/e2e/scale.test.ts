import { expect, test } from 'bun:test';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { coreProcesses } from '../helpers/processes.ts';
import { useSandbox } from '../helpers/sandbox.ts';
import { run } from '../helpers/run.ts';
import { until } from '../helpers/until.ts';

const sandbox = useSandbox();

test('100 containers run at once, each answers, and none leaves anything', async () => {
  const services = Array.from(
    { length: 100 },
    (_, index) => `  s${index}: {image: busybox, command: [sleep, "1000"], init: true, network_mode: none}\n`,
  );
  sandbox.write('compose.yaml', `name: hundred\nservices:\n${services.join('')}`);
  await sandbox.compose(['up', '-d'], { timeout: 120_000 });
  expect((await sandbox.compose(['ps', '-q', '--status', 'running'])).split('\n')).toHaveLength(100);
  expect(await sandbox.compose(['exec', '-T', 's99', 'echo', 'here'])).toBe('here');
  await sandbox.compose(['down'], { timeout: 120_000 });
  await sandbox.expectNothingLeft();
}, 300_000);

/** What could grow with every container that ever ran. */
async function measure(): Promise<{ mounts: number; files: number; kernelCgroups: number }> {
  const files = (await run('find', [sandbox.dataRoot, sandbox.runRoot])).stdout.split('\n').length;
  const kernelCgroups = Math.max(
    ...readFileSync('/proc/cgroups', 'utf8')
      .split('\n')
      .slice(1, -1)
      .map((line) => Number(line.split('\t')[2])),
  );
  return { mounts: readFileSync('/proc/self/mountinfo', 'utf8').split('\n').length, files, kernelCgroups };
}

test('500 run and rm cycles beside a running container grow neither mounts nor files nor its supervisor', async () => {
  await sandbox.mydocker(['run', '-d', '--network', 'none', '--init', '--name', 'stays', 'busybox', 'sleep', '10000']);
  const cycle = async (): Promise<void> => {
    expect(await sandbox.mydocker(['run', '--rm', '--network', 'none', '-v', '/anonymous', 'busybox', 'echo', 'ran'])).toBe('ran');
  };
  for (let count = 0; count < 20; count++) await cycle();
  const before = await measure();
  const supervisorBefore = supervisor();
  // Four at a time: also a test that they do not disturb each other.
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      for (let count = 0; count < 125; count++) await cycle();
    }),
  );
  const after = await measure();
  const supervisorAfter = supervisor();
  expect(after.mounts).toBe(before.mounts);
  expect(after.files - before.files).toBeLessThan(20);
  // Removed memory cgroups go with their last page in the cache, be it one of the file system's own; a leak would be 500.
  await until('removed cgroups are gone', async () => {
    await run('sync', ['-f', sandbox.dataRoot]);
    writeFileSync('/proc/sys/vm/drop_caches', '1');
    return (await measure()).kernelCgroups - before.kernelCgroups < 100;
  });
  expect(supervisorAfter.descriptors).toBe(supervisorBefore.descriptors);
  expect(supervisorAfter.residentKib - supervisorBefore.residentKib).toBeLessThan(512);
}, 600_000);

/** The supervisor of the container that stays; no other process of the core may be left by the cycles. */
function supervisor(): { descriptors: number; residentKib: number } {
  const processes = coreProcesses(sandbox);
  expect(processes).toHaveLength(1);
  const folder = `/proc/${processes[0]!.pid}`;
  const status = readFileSync(`${folder}/status`, 'utf8');
  return { descriptors: readdirSync(`${folder}/fd`).length, residentKib: Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) };
}
