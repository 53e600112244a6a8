import { rootfsTar } from './rootfs-tar.ts';
import type { Sandbox } from './sandbox.ts';
import { until } from './until.ts';

const CONFIG =
  'version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: /srv}, delete: {enabled: true}}\nhttp: {addr: ":5000"}\n';

/** Debian's registry in a container of the sandbox's, until the end of the test. Returns `127.0.0.1:PORT`. */
export async function startRegistry(sandbox: Sandbox, port: number): Promise<string> {
  await sandbox.mydocker(['import', await rootfsTar('registry', ['docker-registry']), 'registry:test']);
  const config = sandbox.write('registry/config.yml', CONFIG);
  const address = `127.0.0.1:${String(port)}`;
  const mounts = ['-v', `${config}:/config.yml:ro`];
  await sandbox.mydocker([
    'run',
    '-d',
    '--name',
    'registry',
    '-p',
    `${address}:5000`,
    ...mounts,
    'registry:test',
    'docker-registry',
    'serve',
    '/config.yml',
  ]);
  sandbox.afterTest(async () => {
    await sandbox.mydocker(['rm', '-f', '-v', 'registry']);
    await sandbox.mydocker(['rmi', '-f', 'registry:test']);
  });
  await until('the registry answers', async () => (await fetch(`http://${address}/v2/`)).ok);
  return address;
}
