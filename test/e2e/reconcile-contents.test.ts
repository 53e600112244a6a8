import { expect, test } from 'bun:test';
import { useSandbox } from '../helpers/sandbox.ts';

const sandbox = useSandbox();

const IDLE = `image: busybox, init: true, stop_grace_period: 1s, command: sleep 1d`;
const plan = (env: Readonly<Record<string, string>> = {}): Promise<string> => sandbox.compose(['plan'], { env });
const read = (path: string, env: Readonly<Record<string, string>> = {}): Promise<string> =>
  sandbox.compose(['exec', '-T', 'a', 'cat', path], { env });

test('another content of a config or secret is a cause that names it and shows nothing of it', async () => {
  const file = (inline: string): string =>
    sandbox.write(
      'compose.yaml',
      `name: demo
services:
  a: {${IDLE}, configs: [app, inline], secrets: [token, key]}
  b: {${IDLE}}
configs:
  app: {file: ./app.conf}
  inline: {content: "${inline}"}
secrets:
  token: {environment: TOKEN}
  key: {file: ./key}
`,
    );
  file('one');
  sandbox.write('app.conf', 'first');
  sandbox.write('key', 'key-1');
  await sandbox.compose(['up', '-d'], { env: { TOKEN: 't-1' } });
  const b = await sandbox.mydocker(['inspect', '-f', '{{.Id}}', 'demo-b-1']);

  const expectCause = async (cause: string, env: Readonly<Record<string, string>>): Promise<void> => {
    const text = await plan(env);
    expect(text).toBe(`recreate container demo-a-1 (${cause})\nstart container demo-a-1 (made anew)`);
    await sandbox.compose(['up', '-d'], { env });
  };
  sandbox.write('app.conf', 'second');
  await expectCause('services.a.configs[app]: the content of ./app.conf changed', { TOKEN: 't-1' });
  expect(await read('/app', { TOKEN: 't-1' })).toBe('second');
  sandbox.write('key', 'key-2');
  await expectCause('services.a.secrets[key]: the content of ./key changed', { TOKEN: 't-1' });
  await expectCause('services.a: the content of /run/secrets/token changed', { TOKEN: 't-2' });
  expect(await read('/run/secrets/token', { TOKEN: 't-2' })).toBe('t-2');
  file('two');
  await expectCause('services.a: the content of /inline changed', { TOKEN: 't-2' });
  expect(await sandbox.mydocker(['inspect', '-f', '{{.Id}}', 'demo-b-1'])).toBe(b);
  await sandbox.compose(['down'], { env: { TOKEN: 't-2' } });
});

test('a container may change its own copy of what comes from a text or a variable, not files of the host', async () => {
  sandbox.write(
    'compose.yaml',
    `name: demo
services:
  a: {${IDLE}, configs: [inline, file], secrets: [token]}
  b: {${IDLE}, configs: [inline], read_only: true}
configs:
  inline: {content: one}
  file: {file: ./app.conf}
secrets: {token: {environment: TOKEN}}
`,
  );
  sandbox.write('app.conf', 'first');
  const env = { TOKEN: 't-1' };
  await sandbox.compose(['up', '-d'], { env });
  const tried = (service: string, ...paths: string[]): Promise<string> =>
    sandbox.compose(
      ['exec', '-T', service, 'sh', '-c', `for f in ${paths.join(' ')}; do { echo x >> $f; } 2>/dev/null && echo $f; done; true`],
      { env },
    );
  expect(await tried('a', '/inline', '/file', '/run/secrets/token')).toBe('/inline\n/run/secrets/token');
  expect(await tried('b', '/inline')).toBe('');
  expect(await read('/inline', env)).toBe('onex');
  expect(await sandbox.compose(['plan'], { env })).toBe('nothing to do');
  await sandbox.compose(['restart', '-t', '0', 'a'], { env });
  expect(await read('/inline', env)).toBe('one');
  await sandbox.compose(['down'], { env });
});

test('the content of bind mounts counts when the service says so', async () => {
  const file = (extension: string): string =>
    sandbox.write(
      'compose.yaml',
      `name: demo\nservices: {a: {${IDLE}, volumes: ["./web.conf:/etc/web.conf:ro", "./conf.d:/conf.d", "./data:/data"]${extension}}}\n`,
    );
  file('');
  sandbox.write('web.conf', 'one');
  sandbox.write('conf.d/a.conf', 'one');
  sandbox.write('data/x', 'one');
  await sandbox.compose(['up', '-d']);
  sandbox.write('web.conf', 'two');
  expect(await plan()).toBe('nothing to do');

  file(', x-mydocker: {watch_content: [/etc/web.conf, /conf.d]}');
  expect(await plan()).toStartWith(
    'update container demo-a-1 (services.a.x-mydocker added: {"watch_content":["/etc/web.conf","/conf.d"]}; ',
  );
  await sandbox.compose(['up', '-d']);
  sandbox.write('data/x', 'two');
  expect(await plan()).toBe('nothing to do');
  sandbox.write('web.conf', 'three');
  sandbox.write('conf.d/sub/b.conf', 'new');
  expect(await plan()).toBe(
    'recreate container demo-a-1 (services.a.volumes[/etc/web.conf]: the content of ./web.conf changed; services.a.volumes[/conf.d]: the content of ./conf.d changed)\nstart container demo-a-1 (made anew)',
  );
  await sandbox.compose(['up', '-d']);
  expect(await read('/etc/web.conf')).toBe('three');
  await sandbox.compose(['down']);
});

test('a watched path that is no bind mount is refused, with its place', async () => {
  sandbox.write(
    'compose.yaml',
    `services:\n  a:\n    image: busybox\n    volumes: ["./x:/x"]\n    x-mydocker:\n      watch_content: [/y]\n`,
  );
  const { status, stderr } = await sandbox.tryCompose(['up', '-d']);
  expect(status).toBe(1);
  expect(stderr).toContain('"/y" is not the target of a bind mount of this service');
  expect(stderr).toContain('compose.yaml:6:23');
  sandbox.write('compose.yaml', `services:\n  a:\n    image: busybox\n    x-mydocker: {watch_contents: true}\n`);
  expect((await sandbox.tryCompose(['config', '-q'])).stderr).toContain('unknown key "watch_contents"');
});
