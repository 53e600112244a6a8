import { beforeAll, expect, test } from 'bun:test';
import { join } from 'node:path';
import { rootfsTar } from '../helpers/rootfs-tar.ts';
import { useSandbox } from '../helpers/sandbox.ts';
import { until } from '../helpers/until.ts';

const sandbox = useSandbox();

beforeAll(async () => {
  await sandbox.mydocker(['import', await rootfsTar('ssh', ['openssh-client']), 'ssh:latest']);
});

/** Runs a script with OpenSSH's programs in the test's folder. */
async function withSsh(script: string): Promise<string> {
  return sandbox.mydocker(['run', '--rm', '--network', 'none', '-v', `${sandbox.directory}:/w`, '-w', '/w', 'ssh', 'sh', '-c', script]);
}

/** Signs with the agent's keys, the private files being far away, and checks the signature. */
const SIGNS = `RUN --mount=type=ssh,required=true,uid=5 --mount=type=bind,target=/c --network=none \\
  ssh-add -l && for k in /c/*.pub; do echo "me $(cat $k)" >> /tmp/allowed; cp $k /tmp/key.pub; echo text > /tmp/t; rm -f /tmp/t.sig; \\
  ssh-keygen -q -Y sign -n file -f /tmp/key.pub /tmp/t && ssh-keygen -Y verify -f /tmp/allowed -I me -n file -s /tmp/t.sig < /tmp/t >> /proof; done`;

test('private keys are held for a RUN that asks, and are nowhere in the image', async () => {
  await withSsh(
    'for t in ed25519 rsa ecdsa; do ssh-keygen -q -t $t -N "" -C me@$t -f $t; done; mkdir keys; mv ed25519 rsa ecdsa keys; chmod -R a+r keys',
  );
  sandbox.write('.dockerignore', 'keys');
  sandbox.write('Dockerfile', `FROM ssh\n${SIGNS}\n`);
  sandbox.write(
    'compose.yaml',
    '{name: demo, services: {web: {build: {context: ., ssh: ["default=./keys/ed25519,./keys/rsa,./keys/ecdsa"]}}}}',
  );
  await sandbox.compose(['build']);
  const seen = await sandbox.mydocker([
    'run',
    '--rm',
    '--network',
    'none',
    'demo-web',
    'sh',
    '-c',
    'cat /proof; ls -a /run/buildkit /c 2>&1; true',
  ]);
  expect(seen.match(/Good "file" signature for me/g)).toHaveLength(3);
  expect(seen).toContain('/run/buildkit: No such file');
  await sandbox.compose(['down', '--rmi', 'local']);
}, 180_000);

test('an agent is forwarded by build --ssh, from the environment and by its socket', async () => {
  await withSsh('ssh-keygen -q -t ed25519 -N "" -f key');
  await sandbox.mydocker([
    ...['run', '-d', '--name', 'agent', '--network', 'none', '-v', `${sandbox.directory}:/w`, '-w', '/w', 'ssh'],
    ...['sh', '-c', 'ssh-agent -a /w/agent.sock > /dev/null; SSH_AUTH_SOCK=/w/agent.sock ssh-add key 2>&1; sleep 1d'],
  ]);
  const socket = join(sandbox.directory, 'agent.sock');
  await until('the agent has the key', async () => (await sandbox.mydocker(['logs', 'agent'])).includes('Identity added'));
  sandbox.write('Dockerfile', 'FROM ssh\nRUN --mount=type=ssh,id=mine --network=none ssh-add -l > /keys\n');
  sandbox.write('compose.yaml', '{name: demo, services: {web: {build: .}}}');
  const keys = async (): Promise<string> => sandbox.mydocker(['run', '--rm', '--network', 'none', 'demo-web', 'cat', '/keys']);
  await sandbox.compose(['build', '--ssh', `mine=${socket}`]);
  expect(await keys()).toContain('(ED25519)');
  await sandbox.compose(['build', '--ssh', 'mine', '--no-cache'], { env: { SSH_AUTH_SOCK: socket } });
  expect(await keys()).toContain('(ED25519)');
  await sandbox.compose(['down', '--rmi', 'local']);
}, 180_000);

test.each([
  ['default', { SSH_AUTH_SOCK: '' }, 'there is no ssh agent'],
  ['default=nosuch', {}, 'nosuch is not there'],
  ['default=compose.yaml', {}, 'this is not a private key'],
])('--ssh %s says what is wrong before anything is built', async (flag, env, message) => {
  sandbox.write('compose.yaml', '{name: demo, services: {web: {build: {dockerfile_inline: "FROM ssh"}}}}');
  const { status, stderr } = await sandbox.tryCompose(['build', '--ssh', flag], { env });
  expect([status, stderr]).toEqual([1, expect.stringContaining(message) as string]);
});

test('a key with a passphrase is refused with the way out', async () => {
  await withSsh('ssh-keygen -q -t ed25519 -N secret -f locked; chmod a+r locked');
  sandbox.write('compose.yaml', '{name: demo, services: {web: {build: {dockerfile_inline: "FROM ssh", ssh: ["default=./locked"]}}}}');
  const { status, stderr } = await sandbox.tryCompose(['build']);
  expect([status, stderr]).toEqual([1, expect.stringContaining('the private key has a passphrase') as string]);
  expect(stderr).toContain('ssh-add');
});
