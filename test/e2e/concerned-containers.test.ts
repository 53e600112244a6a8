import { expect, test } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { useSandbox } from '../helpers/sandbox.ts';

const sandbox = useSandbox();

const IDLE = `image: busybox, init: true, command: sleep 1d`;

const states = async (): Promise<readonly string[]> =>
  (await sandbox.compose(['-p', 'demo', 'ps', '-a', '--format', '{{.Name}} {{.State}}']))
    .split('\n')
    .filter((line) => line !== '')
    .sort();

const running = async (): Promise<readonly string[]> =>
  (await states()).filter((line) => line.endsWith(' running')).map((line) => line.replace(/ .*/, '').replace('demo-', ''));

test('a command without names leaves services alone that are not in the files, or switched off', async () => {
  sandbox.write('compose.yaml', `name: demo\nservices: {a: {${IDLE}}, old: {${IDLE}}, extra: {${IDLE}, profiles: [more]}}\n`);
  await sandbox.compose(['--profile', 'more', 'up', '-d']);
  sandbox.write('compose.yaml', `name: demo\nservices: {a: {${IDLE}}, extra: {${IDLE}, profiles: [more]}}\n`);
  await sandbox.compose(['stop', '-t', '0']);
  expect(await running()).toEqual(['extra-1', 'old-1']);
  await sandbox.compose(['start']);
  await sandbox.compose(['kill']);
  expect(await running()).toEqual(['extra-1', 'old-1']);
  await sandbox.compose(['kill', 'extra']);
  expect(await running()).toEqual(['old-1']);
  await sandbox.compose(['start', 'extra']);
  expect(await running()).toEqual(['extra-1', 'old-1']);
  const { status, stderr } = await sandbox.tryCompose(['stop', 'old']);
  expect(stderr).toContain('no such service: old');
  expect(status).toBe(1);
  await sandbox.compose(['exec', '-T', 'old', 'true']);
  await sandbox.compose(['kill', '--remove-orphans']);
  expect(await running()).toEqual([]);
  expect(await states()).toHaveLength(3);
  await sandbox.compose(['--profile', 'more', 'down', '--remove-orphans']);
});

test('start by name alone says that the project has no containers', async () => {
  const { status, stderr } = await sandbox.tryCompose(['-p', 'nothing-here', 'start']);
  expect(stderr).toContain('no containers for project "nothing-here"');
  expect(status).toBe(1);
});

test('down leaves containers of run alone until it is asked for orphans, and what they use', async () => {
  sandbox.write('compose.yaml', `name: demo\nservices: {a: {${IDLE}, volumes: ["data:/data"]}}\nvolumes: {data: }\n`);
  await sandbox.compose(['up', '-d']);
  await sandbox.compose(['run', '-d', '--name', 'demo-job', 'a', 'sh', '-c', 'echo precious > /data/file; sleep 1d']);
  const { stderr } = await sandbox.tryCompose(['down', '--volumes', '-t', '0']);
  expect(stderr).toContain('Network demo_default is still in use');
  expect(stderr).toContain('Volume demo_data is still in use');
  const { stderr: again } = await sandbox.tryCompose(['down', '-t', '0']);
  expect(again).not.toContain('No resource found');
  expect(await states()).toEqual(['demo-job running']);
  expect(await sandbox.mydocker(['exec', 'demo-job', 'cat', '/data/file'])).toBe('precious');
  await sandbox.compose(['down', '-v', '-t', '0', '--remove-orphans']);
  expect(await states()).toEqual([]);
  expect(await sandbox.mydocker(['volume', 'ls', '-q'])).toBe('');
});

test('down --volumes of one service removes its volumes, not what another one uses', async () => {
  const services = `{a: {${IDLE}, volumes: ["mine:/mine", "shared:/shared"]}, b: {${IDLE}, volumes: ["shared:/shared", "other:/other"]}}`;
  sandbox.write('compose.yaml', `name: demo\nservices: ${services}\nvolumes: {mine: , shared: , other: }\n`);
  await sandbox.compose(['up', '-d']);
  await sandbox.compose(['down', '-v', '-t', '0', 'a']);
  expect((await sandbox.compose(['volumes', '-q'])).split('\n')).toEqual(['demo_other', 'demo_shared']);
  expect(await running()).toEqual(['b-1']);
  await sandbox.compose(['down', '-v', '-t', '0']);
});

test('down --rmi local removes what was built for the project, also with a name of its own', async () => {
  const build = `build: {dockerfile_inline: FROM busybox}`;
  sandbox.write('compose.yaml', `name: demo\nservices: {a: {image: demo-own:1, ${build}, command: sleep 1d, init: true}, b: {${IDLE}}}\n`);
  await sandbox.compose(['up', '-d']);
  await sandbox.compose(['down', '-t', '0', '--rmi', 'local']);
  const left = await sandbox.mydocker(['images', '--format', '{{.Repository}}']);
  expect(left.split('\n')).toContain('busybox');
  expect(left).not.toContain('demo-own');
});

test('rm asks, and takes the answer from a pipe too', async () => {
  sandbox.write('compose.yaml', `name: demo\nservices: {a: {${IDLE}}}\n`);
  await sandbox.compose(['create']);
  for (const input of ['', 'n\n', 'perhaps\n']) {
    const { status } = await sandbox.tryCompose(['rm'], { input });
    expect(status).toBe(0);
    expect(await states()).toEqual(['demo-a-1 created']);
  }
  await sandbox.compose(['rm'], { input: 'y\n' });
  expect(await states()).toEqual([]);
  await sandbox.compose(['down']);
});

test('exec takes the environment as Docker Compose does, and makes no working directory', async () => {
  sandbox.write('compose.yaml', `name: demo\nservices: {a: {${IDLE}}}\n`);
  await sandbox.compose(['up', '-d']);
  const shell = (...flags: string[]): Promise<string> =>
    sandbox.compose(['exec', '-T', ...flags, 'a', 'sh', '-c', 'echo [${NOT_SET_HERE-unset}] [$SET_HERE]'], { env: { SET_HERE: 'mine' } });
  expect(await shell('-e', 'NOT_SET_HERE', '-e', 'SET_HERE')).toBe('[unset] [mine]');
  const nameless = await sandbox.tryCompose(['exec', '-T', '-e', '=x', 'a', 'true']);
  expect(nameless.stderr).toContain('invalid environment variable: =x');
  const missing = await sandbox.tryCompose(['exec', '-T', '-w', '/no/such', 'a', 'pwd']);
  expect(missing.stderr).toContain('/no/such');
  expect(missing.status).toBe(127);
  expect((await sandbox.tryCompose(['exec', '-T', 'a', 'test', '-e', '/no'])).status).toBe(1);
  expect(await sandbox.compose(['exec', '-T', 'a', 'echo', '--tty=true'])).toBe('--tty=true');
  await sandbox.compose(['down', '-t', '0']);
});

test('a program that ends at once on its signal does so, also without grace', async () => {
  sandbox.write(
    'compose.yaml',
    `name: demo\nservices: {a: {image: busybox, command: [sh, -c, "trap 'echo bye; exit 3' TERM; echo up; while :; do sleep 0.01; done"]}}\n`,
  );
  await sandbox.compose(['up', '-d']);
  await sandbox.compose(['exec', '-T', 'a', 'sh', '-c', 'until grep -q sleep /proc/[0-9]*/cmdline; do :; done']);
  await sandbox.compose(['stop', '-t', '0']);
  expect(await sandbox.compose(['ps', '-a', '--format', '{{.ExitCode}}'])).toBe('3');
  await sandbox.compose(['down']);
});

test('volumes with options: a read-only bind stays read-only, and a folder that is gone is named', async () => {
  const folder = sandbox.directory;
  writeFileSync(join(folder, 'there'), 'yes');
  const file = (device: string): string =>
    `name: demo\nservices: {a: {${IDLE}, volumes: ["opt:/opt"]}}\nvolumes: {opt: {driver_opts: {type: none, o: "bind,ro", device: ${device}}}}\n`;
  sandbox.write('compose.yaml', file(join(folder, 'gone')));
  const refused = await sandbox.tryCompose(['up', '-d']);
  expect(refused.stderr).toMatch(/volume demo_opt: \S+gone does not exist/);
  expect(refused.stderr).not.toContain('unexpected error');
  await sandbox.compose(['down', '-v']);
  sandbox.write('compose.yaml', file(folder));
  await sandbox.compose(['up', '-d']);
  expect(await sandbox.compose(['exec', '-T', 'a', 'cat', '/opt/there'])).toBe('yes');
  expect((await sandbox.tryCompose(['exec', '-T', 'a', 'touch', '/opt/more'])).stderr).toContain('Read-only');
  await sandbox.compose(['down', '-v', '-t', '0']);
});

test('a bind mount in the long form without options makes its source, as the short form does', async () => {
  sandbox.write('compose.yaml', `name: demo\nservices: {a: {${IDLE}, volumes: [{type: bind, source: ./made, target: /made}]}}\n`);
  await sandbox.compose(['up', '-d']);
  await sandbox.compose(['exec', '-T', 'a', 'touch', '/made/file']);
  sandbox.write('compose.yaml', `name: demo\nservices: {a: {${IDLE}, volumes: [{type: bind, source: ./not, target: /made, bind: {}}]}}\n`);
  expect((await sandbox.tryCompose(['up', '-d'])).stderr).toMatch(/bind source path does not exist: \S+not\b/);
  await sandbox.compose(['down', '-t', '0']);
});

test('kill says that there is nothing to kill', async () => {
  sandbox.write('compose.yaml', `name: demo\nservices: {a: {${IDLE}}}\n`);
  await sandbox.compose(['create']);
  const { status, stderr } = await sandbox.tryCompose(['kill']);
  expect([status, stderr]).toEqual([0, 'no container to kill\n']);
  await sandbox.compose(['down']);
});

test('down leaves networks and volumes that another project uses, and says so', async () => {
  sandbox.write('compose.yaml', `name: demo\nservices: {a: {${IDLE}, volumes: ["data:/data"]}}\nvolumes: {data: }\n`);
  sandbox.write(
    'other/compose.yaml',
    `name: other
services: {b: {${IDLE}, volumes: ["data:/data"]}}
networks: {default: {name: demo_default, external: true}}
volumes: {data: {name: demo_data, external: true}}
`,
  );
  await sandbox.compose(['up', '-d']);
  await sandbox.compose(['-f', 'other/compose.yaml', 'up', '-d']);
  for (let round = 0; round < 2; round++) {
    const { status, stderr } = await sandbox.tryCompose(['down', '--volumes', '-t', '0']);
    expect(stderr).toContain('Network demo_default is still in use and is kept');
    expect(stderr).toContain('Volume demo_data is still in use and is kept');
    expect(status).toBe(0);
  }
  await sandbox.compose(['-f', 'other/compose.yaml', 'exec', '-T', 'b', 'touch', '/data/file']);
  await sandbox.compose(['-f', 'other/compose.yaml', 'down', '--volumes', '-t', '0']);
  const { stderr } = await sandbox.tryCompose(['down', '--volumes', '-t', '0']);
  expect(stderr).not.toContain('still in use');
  expect(await sandbox.mydocker(['network', 'ls', '-q', '--filter', 'name=demo_default'])).toBe('');
});
