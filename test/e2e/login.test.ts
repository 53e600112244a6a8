import { afterEach, expect, test } from 'bun:test';
import { chmodSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { startFakeRegistry } from '../helpers/fake-registry.ts';
import { startLockedRegistry, type LockedRegistry } from '../helpers/locked-registry.ts';
import { useSandbox } from '../helpers/sandbox.ts';

const sandbox = useSandbox();
let registry: LockedRegistry | undefined;
afterEach(() => registry?.close());

const folder = (): string => join(sandbox.directory, 'docker');
const env = (): Record<string, string> => ({ DOCKER_CONFIG: folder(), PATH: `${sandbox.directory}:${process.env['PATH'] ?? ''}` });
const config = (): Record<string, unknown> => JSON.parse(readFileSync(join(folder(), 'config.json'), 'utf8')) as Record<string, unknown>;
const login = (address: string, password: string): ReturnType<typeof sandbox.tryMydocker> =>
  sandbox.tryMydocker(['login', '-u', 'ada', '--password-stdin', address], { env: env(), input: `${password}\n` });

test.each(['basic', 'bearer', 'identity'] as const)('a login at a registry of the kind %s is checked, kept and used', async (kind) => {
  registry = await startLockedRegistry(kind, 'ada', 'pa:ss');
  sandbox.write('docker/config.json', '{"detachKeys": "ctrl-q"}');
  const wrong = await login(registry.address, 'nope');
  expect([wrong.status, wrong.stderr]).toEqual([1, expect.stringContaining('unauthorized: incorrect username or password') as string]);
  expect(config()).toEqual({ detachKeys: 'ctrl-q' });
  const right = await login(registry.address, 'pa:ss');
  expect([right.status, right.stdout]).toEqual([0, expect.stringContaining('Login Succeeded') as string]);
  const kept = (config()['auths'] as Record<string, Record<string, string>>)[registry.address] ?? {};
  expect(Buffer.from(kept['auth'] ?? '', 'base64').toString()).toBe(kind === 'identity' ? 'ada:' : 'ada:pa:ss');
  expect(kept['identitytoken']).toBe(kind === 'identity' ? 'identity of the user' : undefined);
  expect(config()['detachKeys']).toBe('ctrl-q');
  expect(statSync(join(folder(), 'config.json')).mode & 0o777).toBe(0o600);
  await sandbox.tryMydocker(['pull', `${registry.address}/private/app:1`], { env: env() });
  expect(registry.served).toContain('GET /v2/private/app/manifests/1');
  expect(await sandbox.mydocker(['login', registry.address], { env: env() })).toContain('Login Succeeded');
  expect(await sandbox.mydocker(['logout', registry.address], { env: env() })).toBe(`Removing login credentials for ${registry.address}`);
  expect(config()['auths']).toEqual({});
  const denied = await sandbox.tryMydocker(['pull', `${registry.address}/private/app:1`], { env: env() });
  expect(denied.stderr).toContain(`mydocker login ${registry.address}`);
  expect(await sandbox.mydocker(['logout', registry.address], { env: env() })).toBe(`Not logged in to ${registry.address}`);
});

test('a credential helper keeps the login in place of the file, and gives it back', async () => {
  registry = await startLockedRegistry('basic', 'ada', 'secret');
  const helper = sandbox.write(
    'docker-credential-box',
    `#!/bin/sh
case $1 in
store) cat > "${sandbox.directory}/kept";;
get) read server; grep -q "\\"$server\\"" "${sandbox.directory}/kept" 2>/dev/null || { echo 'credentials not found in native keychain'; exit 1; }
  cat "${sandbox.directory}/kept";;
erase) rm "${sandbox.directory}/kept" 2>/dev/null || { echo 'credentials not found in native keychain'; exit 1; };;
esac
`,
  );
  chmodSync(helper, 0o755);
  sandbox.write('docker/config.json', '{"credsStore": "box"}');
  expect((await login(registry.address, 'secret')).status).toBe(0);
  expect(JSON.parse(readFileSync(join(sandbox.directory, 'kept'), 'utf8'))).toEqual({
    ServerURL: registry.address,
    Username: 'ada',
    Secret: 'secret',
  });
  expect(readFileSync(join(folder(), 'config.json'), 'utf8')).not.toContain('auth":');
  await sandbox.tryMydocker(['pull', `${registry.address}/private/app:1`], { env: env() });
  expect(registry.served).toContain('GET /v2/private/app/manifests/1');
  await sandbox.mydocker(['logout', registry.address], { env: env() });
  expect((await sandbox.tryMydocker(['pull', `${registry.address}/private/app:1`], { env: env() })).stderr).toContain('mydocker login');
});

test('a mirror is asked first for images of Docker Hub', async () => {
  const mirror = await startFakeRegistry();
  try {
    const daemon = sandbox.write('daemon.json', JSON.stringify({ 'registry-mirrors': [`http://${mirror.address}`] }));
    const layer = { data: new Uint8Array(Buffer.alloc(1024)), mediaType: 'application/vnd.oci.image.layer.v1.tar' };
    const digest = 'sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef';
    mirror.addImage('9', { architecture: 'amd64', os: 'linux', config: {}, rootfs: { type: 'layers', diff_ids: [digest] } }, [layer]);
    const pulled = await sandbox.mydocker(['pull', 'team/app:9'], { env: { ...env(), MYDOCKER_DAEMON_JSON: daemon } });
    expect(pulled).toContain('docker.io/team/app:9');
    expect(mirror.requests.length).toBeGreaterThan(0);
    await sandbox.mydocker(['rmi', 'team/app:9']);
  } finally {
    await mirror.close();
  }
});

test('a login without a terminal needs --password-stdin; what is no file of Docker’s is named', async () => {
  const silent = await sandbox.tryMydocker(['login', '127.0.0.1:1'], { env: env() });
  expect([silent.status, silent.stderr]).toEqual([1, expect.stringContaining('non TTY device') as string]);
  const unreachable = await login('127.0.0.1:1', 'x');
  expect([unreachable.status, unreachable.stderr]).toEqual([1, expect.stringContaining('cannot reach the registry 127.0.0.1:1') as string]);
  sandbox.write('docker/config.json', '{');
  expect((await sandbox.tryMydocker(['logout', '127.0.0.1:1'], { env: env() })).stderr).toContain('config.json is not JSON');
});
