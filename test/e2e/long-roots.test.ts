import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { rootfsTar } from '../helpers/rootfs-tar.ts';
import { useSandbox } from '../helpers/sandbox.ts';
import { readHostState } from '../helpers/host-state.ts';

const sandbox = useSandbox();

test('roots with long paths: sockets, overlays and name files work in them as elsewhere', async () => {
  // An address of a socket has room for 107 bytes, a string of fsconfig(2) for 255.
  const deep = join(sandbox.root, ...Array.from({ length: 6 }, (_, index) => `${String(index)}${'x'.repeat(60)}`));
  const env = { MYDOCKER_DATA_ROOT: join(deep, 'data'), MYDOCKER_RUN_ROOT: join(deep, 'run') };
  const before = await readHostState(env.MYDOCKER_RUN_ROOT);
  const mydocker = (args: readonly string[], input?: string): Promise<string> =>
    sandbox.mydocker(args, { env, ...(input === undefined ? {} : { input }) });
  const compose = (...args: readonly string[]): Promise<string> => sandbox.compose(args, { env });

  await mydocker(['import', await rootfsTar('busybox'), 'busybox:latest']);
  expect(await mydocker(['run', '--rm', 'busybox', 'echo', 'ran'])).toBe('ran');
  sandbox.write(
    'compose.yaml',
    `services:
  a: {image: busybox, command: ["sh", "-c", "echo said; read line; echo got $$line"], stdin_open: true, init: true, volumes: ["data:/data"], stop_grace_period: 1s}
  b: {image: busybox, command: ["sleep", "1000"], init: true, configs: [text]}
volumes: {data: }
configs: {text: {content: hello}}`,
  );
  await compose('-p', 'deep', 'up', '-d');
  expect(await compose('-p', 'deep', 'exec', '-T', 'b', 'sh', '-c', 'cat /text; ping -c 1 -W 5 a >/dev/null && echo reached')).toBe(
    'helloreached',
  );
  expect(await compose('-p', 'deep', 'logs', '--no-log-prefix', 'a')).toBe('said');
  expect(await mydocker(['attach', 'deep-a-1'], 'sent\n')).toContain('got sent');
  expect(await mydocker(['run', '-i', '--rm', 'busybox', 'cat'], 'through\n')).toBe('through');
  await compose('-p', 'deep', 'pause', 'b');
  await compose('-p', 'deep', 'unpause', 'b');
  expect(await mydocker(['stats', '--no-stream', '--format', '{{.Name}}', 'deep-b-1'])).toBe('deep-b-1');
  await mydocker(['cp', 'deep-b-1:/etc/passwd', join(sandbox.directory, 'copied')]);
  await mydocker(['commit', 'deep-b-1', 'committed']);
  await compose('-p', 'deep', 'restart', '-t', '0', 'b');
  await compose('-p', 'deep', 'down', '--volumes', '-t', '0');
  expect(await mydocker(['ps', '-aq'])).toBe('');
  expect([...(await readHostState(env.MYDOCKER_RUN_ROOT))].filter((line) => !before.has(line))).toEqual([]);
});
