import { afterEach, describe, expect, test } from 'bun:test';
import { chmodSync, cpSync, existsSync, readdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { rootfsTar } from '../helpers/rootfs-tar.ts';
import { run, type RunResult } from '../helpers/run.ts';
import { executables, useSandbox } from '../helpers/sandbox.ts';

const sandbox = useSandbox();

/** After a refusal there is no container, no volume, and no folder of either. */
afterEach(async () => {
  expect(await sandbox.mydocker(['ps', '-aq'])).toBe('');
  expect(await sandbox.mydocker(['volume', 'ls', '-q'])).toBe('');
  for (const folder of ['containers', 'volumes']) {
    const path = join(sandbox.dataRoot, folder);
    expect(existsSync(path) ? readdirSync(path).filter((name) => !name.startsWith('.')) : []).toEqual([]);
  }
});

describe('mydocker run', () => {
  const verb = ['run', '--rm', '--network', 'none'];
  const cases: readonly (readonly [what: string, args: readonly string[], status: number, message: RegExp])[] = [
    ['no such image', ['no-such-image'], 125, /no-such-image/],
    ['command not found', ['busybox', 'no-such-command'], 127, /no-such-command/],
    ['command not executable', ['busybox', '/etc/passwd'], 126, /\/etc\/passwd/],
    ['command is a folder', ['busybox', '/etc'], 126, /\/etc/],
    ['working directory below a file', ['-w', '/etc/passwd/x', 'busybox', 'true'], 125, /\/etc\/passwd/],
    ['unknown user', ['-u', 'no-such-user', 'busybox', 'true'], 125, /no-such-user/],
    ['volume name with a slash', ['-v', 'a/b:/data', 'busybox', 'true'], 125, /a\/b/],
    ['volume name that climbs', ['--mount', 'type=volume,source=../x,target=/data', 'busybox', 'true'], 125, /\.\.\/x/],
    ['missing bind source', ['--mount', 'type=bind,source=/no/such/source,target=/data', 'busybox', 'true'], 125, /\/no\/such\/source/],
    ['target not absolute', ['-v', 'data:relative', 'busybox', 'true'], 125, /relative/],
    ['target is the root', ['-v', 'data:/', 'busybox', 'true'], 125, /\//],
    ['duplicate target', ['-v', 'one:/data', '-v', 'two:/data', 'busybox', 'true'], 125, /\/data/],
    ['unknown flag', ['--no-such-flag', 'busybox', 'true'], 125, /no-such-flag/],
    ['memory that is no size', ['--memory', 'lots', 'busybox', 'true'], 125, /lots/],
    ['memory too small', ['--memory', '1k', 'busybox', 'true'], 125, /memory/i],
    ['unknown network', ['--network', 'no-such-network', 'busybox', 'true'], 125, /no-such-network/],
    ['unknown capability', ['--cap-add', 'NO_SUCH_CAP', 'busybox', 'true'], 125, /NO_SUCH_CAP/],
    ['unknown restart policy', ['--restart', 'sometimes', 'busybox', 'true'], 125, /sometimes/],
    ['env file that is not there', ['--env-file', '/no/such/file', 'busybox', 'true'], 125, /\/no\/such\/file/],
    ['name that is taken apart', ['--name', 'a/b', 'busybox', 'true'], 125, /a\/b/],
  ];
  for (const [what, args, status, message] of cases) {
    test(`${what}: refused with status ${status}, and nothing is left`, async () => {
      const result = await sandbox.tryMydocker([...verb, ...args]);
      expect(result.stderr).toMatch(message);
      expect(result.stderr).not.toMatch(/unexpected error|\n +at /);
      expect(result.status).toBe(status);
      expect(result.stdout).toBe('');
    });
  }
});

describe('compose files', () => {
  const cases: readonly (readonly [what: string, file: string, message: RegExp])[] = [
    ['broken YAML', 'services:\n  web: [\n', /compose\.yaml:\d+:\d+/],
    ['unknown key', 'services:\n  web:\n    image: busybox\n    imagee: x\n', /imagee[^]*compose\.yaml:4:5/],
    ['wrong type', 'services:\n  web:\n    image: [busybox]\n', /services\.web\.image[^]*compose\.yaml:3:/],
    ['no image', 'services:\n  web:\n    command: [true]\n', /services?\.?.*web/],
    ['undefined volume', 'services:\n  web:\n    image: busybox\n    volumes: ["data:/data"]\n', /data/],
    ['missing variable', 'services:\n  web:\n    image: ${NO_SUCH_IMAGE:?say which}\n', /say which/],
    [
      'dependency cycle',
      'services:\n  a: {image: busybox, depends_on: [b]}\n  b: {image: busybox, depends_on: [a]}\n',
      /a -> b -> a|b -> a -> b/,
    ],
    ['no such image', 'services:\n  web:\n    image: no-such-image.invalid/x\n    pull_policy: never\n', /no-such-image/],
    ['unknown dependency', 'services:\n  web:\n    image: busybox\n    depends_on: [nobody]\n', /nobody/],
  ];
  for (const [what, file, message] of cases) {
    test(`${what}: refused, and nothing is left`, async () => {
      sandbox.write('compose.yaml', file);
      const result = await sandbox.tryCompose(['up', '-d']);
      expect(result.stderr).toMatch(message);
      expect(result.stderr).not.toMatch(/unexpected error|\n +at /);
      expect(result.status).not.toBe(0);
    });
  }

  test('no compose file at all: refused', async () => {
    const result = await sandbox.tryCompose(['up', '-d']);
    expect(result.stderr).toMatch(/compose\.yaml/);
    expect(result.status).not.toBe(0);
  });
});

test('not root: the error says so', async () => {
  chmodSync(sandbox.root, 0o711);
  const copies = join(sandbox.directory, 'bin');
  cpSync(dirname(executables.mydocker), copies, { recursive: true, verbatimSymlinks: true });
  const result = await run(join(copies, 'mydocker'), ['run', '--rm', 'busybox', 'true'], {
    env: sandbox.env,
    cwd: '/',
    uid: 65534,
    gid: 65534,
  });
  expect(result.stderr).toMatch(/root/);
  expect(result.stderr).not.toMatch(/unexpected error|\n +at /);
  expect(result.status).toBe(125);
});

/** In a mount namespace of its own with a data root of 16 MiB on a tmpfs; `script` finds the executable in $mydocker. */
async function onSmallDisk(script: string): Promise<RunResult> {
  const mount = `mkdir -p ${sandbox.root}/small && mount -t tmpfs -o size=16m,mode=700 tmpfs ${sandbox.root}/small`;
  const env = {
    ...sandbox.env,
    MYDOCKER_DATA_ROOT: `${sandbox.root}/small`,
    mydocker: executables.mydocker,
    tar: await rootfsTar('busybox'),
  };
  return run('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', `${mount}\n${script}`], { env, cwd: sandbox.directory });
}

test('a full disk: run says so, and frees what it took', async () => {
  const result = await onSmallDisk(`
    $mydocker import $tar busybox:latest >/dev/null || exit 99
    dd if=/dev/zero of=$MYDOCKER_DATA_ROOT/filler bs=4096 2>/dev/null
    $mydocker run --rm --network none busybox sh -c 'echo unreachable'
    echo "status $?"
    rm $MYDOCKER_DATA_ROOT/filler
    $mydocker run --rm --network none busybox echo works again
    $mydocker ps -aq
  `);
  expect(result.stderr).toMatch(/no space|disk is full/i);
  expect(result.stderr).not.toMatch(/unexpected error|\n +at /);
  expect(result.stdout).toBe('status 125\nworks again\n');
});

test('a full disk: import says so, and registers nothing', async () => {
  const result = await onSmallDisk(`
    dd if=/dev/zero of=$MYDOCKER_DATA_ROOT/filler bs=4096 count=3900 2>/dev/null
    $mydocker import $tar busybox:latest
    echo "status $?"
    $mydocker images -q
    rm $MYDOCKER_DATA_ROOT/filler
    $mydocker import $tar busybox:latest >/dev/null && $mydocker run --rm --network none busybox echo works again
  `);
  expect(result.stderr).toMatch(/no space|disk is full/i);
  expect(result.stderr).not.toMatch(/unexpected error|\n +at /);
  expect(result.stdout).toBe('status 1\nworks again\n');
});

describe('an unreadable file', () => {
  const service = (keys: string): string => `services:\n  web:\n    image: busybox\n    command: "true"\n    ${keys}\n`;
  const cases: readonly (readonly [what: string, file: string, args: readonly string[], message: RegExp])[] = [
    [
      'of a service',
      service('env_file: [closed]'),
      [],
      /services\.web\.env_file\[0\]: cannot read env file \S+closed: permission denied \(compose\.yaml:5:16\)/,
    ],
    [
      'of labels',
      service('label_file: closed'),
      [],
      /services\.web\.label_file\[0\]: cannot read \S* ?\S* ?\S+closed: permission denied \(compose\.yaml:5:17\)/,
    ],
    [
      'that is included',
      `include: [closed]\n${service('tty: false')}`,
      [],
      /include\[0\]: cannot read \S+closed: permission denied \(compose\.yaml:1:11\)/,
    ],
    [
      'that is extended',
      service('extends: {file: closed, service: x}'),
      [],
      /services\.web\.extends[^]*cannot read \S+closed: permission denied/,
    ],
    ['of --env-file', service('tty: false'), ['--env-file', 'closed'], /cannot read env file \S+closed: permission denied/],
    ['of --file', service('tty: false'), ['--file', 'closed'], /cannot read \S+closed: permission denied/],
  ];
  for (const [what, file, args, message] of cases) {
    test(`${what}: the error names it and the reason`, async () => {
      for (const folder of [sandbox.root, sandbox.directory]) chmodSync(folder, 0o711);
      const copies = join(sandbox.root, 'bin');
      cpSync(dirname(executables.mydocker), copies, { recursive: true, verbatimSymlinks: true });
      sandbox.write('compose.yaml', file);
      chmodSync(sandbox.write('closed', 'A=1\n'), 0o600);
      const result = await run(join(copies, 'mydocker-compose'), [...args, 'config', '-q'], {
        env: sandbox.env,
        cwd: sandbox.directory,
        uid: 65534,
        gid: 65534,
      });
      expect(result.stderr).toMatch(message);
      expect(result.stderr).not.toMatch(/unexpected error|\n +at /);
      expect(result.status).toBe(1);
    });
  }

  const sources: readonly (readonly [what: string, keys: string, message: RegExp])[] = [
    ['a secret that is missing', 'secrets: [gone]', /services\.web\.secrets\[0\]: bind source path does not exist: \S+\/gone/],
    [
      'a config whose link goes round',
      'configs: [round]',
      /services\.web\.configs\[0\]: bind source \S+\/round cannot be used: its symbolic links/,
    ],
    ['a bind below a file', 'volumes: ["./file/below:/x"]', /bind source \S+\/file\/below cannot be made: /],
    ['a bind whose link goes round', 'volumes: ["./round:/x"]', /bind source \S+\/round cannot be /],
    [
      'a bind that must be there',
      'volumes: [{type: bind, source: ./gone, target: /x, bind: {create_host_path: false}}]',
      /services\.web\.volumes\[0\]: bind source path does not exist: \S+\/gone/,
    ],
    [
      'a seccomp profile that is a folder',
      'security_opt: ["seccomp=."]',
      /services\.web\.security_opt: cannot read the seccomp profile \.: it is a directory/,
    ],
  ];
  for (const [what, keys, message] of sources) {
    test(`${what}: refused`, async () => {
      sandbox.write('file', '');
      symlinkSync('round', join(sandbox.directory, 'round'));
      sandbox.write('compose.yaml', `${service(keys)}secrets: {gone: {file: ./gone}}\nconfigs: {round: {file: ./round}}\n`);
      const result = await sandbox.tryCompose(['up', '-d']);
      expect(result.stderr).toMatch(message);
      expect(result.stderr).not.toMatch(/unexpected error|\n +at /);
      expect(result.status).toBe(1);
      sandbox.write('compose.yaml', service('tty: false'));
      await sandbox.compose(['down']);
    });
  }
});

test('a full disk: up says so, starts nothing, and the next up goes on', async () => {
  sandbox.write(
    'compose.yaml',
    'name: demo\nservices: {web: {image: busybox, command: sleep 1d, init: true, network_mode: none, volumes: ["data:/data"]}}\nvolumes: {data: }\n',
  );
  const compose = executables.compose;
  const result = await onSmallDisk(`
    $mydocker import $tar busybox:latest >/dev/null || exit 99
    dd if=/dev/zero of=$MYDOCKER_DATA_ROOT/filler bs=4096 2>/dev/null
    ${compose} up -d
    echo "status $?"
    ${compose} ps -q
    rm $MYDOCKER_DATA_ROOT/filler
    ${compose} up -d 2>/dev/null; echo "status $?"
    ${compose} exec -T web sh -c 'echo kept > /data/file; dd if=/dev/zero of=/data/filler bs=4096 2>/dev/null; cat /data/file'
    ${compose} stop -t 0 2>/dev/null; echo "stopped $?"
    ${compose} down -v 2>/dev/null; echo "down $?"
    ls $MYDOCKER_DATA_ROOT/volumes $MYDOCKER_DATA_ROOT/containers | grep -c demo
  `);
  expect(result.stderr).toMatch(/no space|disk is full/i);
  expect(result.stderr).not.toMatch(/unexpected error|\n +at /);
  expect(result.stdout).toBe('status 1\nstatus 0\nkept\nstopped 0\ndown 0\n0\n');
});
