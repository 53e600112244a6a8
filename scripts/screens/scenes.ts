import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rootfsTar } from '../../test/helpers/rootfs-tar.ts';
import { expectSuccess, run } from '../../test/helpers/run.ts';
import { Terminal } from '../../test/helpers/terminal.ts';
import { svgOf } from './svg.ts';

const dist = new URL('../../dist/', import.meta.url).pathname;

/** What is typed and what one then sees. */
interface Scene {
  readonly name: string;
  readonly title: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly command: string;
  /** 80 unless said. */
  readonly columns?: number;
  /** The picture is taken when the terminal's last line is this, and then the key is pressed; else at the command's end. */
  readonly until?: { readonly shows: string; readonly line: string; readonly key: string };
}

export interface Screen extends Pick<Scene, 'name' | 'title' | 'command'> {
  readonly lines: readonly string[];
  readonly svg: string;
}

const compose = (port: string): string => `name: shop
services:
  db:
    image: busybox
    init: true
    command: sleep 1d
    volumes: [data:/data]
    healthcheck: {test: "true", interval: 1s}
  web:
    image: busybox
    init: true
    command: sh -c 'sleep 1; echo listening on $$PORT; sleep 1d'
    environment: {PORT: "${port}"}
    depends_on: {db: {condition: service_healthy}}
volumes:
  data:
`;

const BROKEN = `name: broken
services:
  migrate:
    image: busybox
    init: true
    command: sh -c 'echo table users is locked; exit 3'
  web:
    image: busybox
    init: true
    command: sleep 1d
    depends_on: {migrate: {condition: service_completed_successfully}}
`;

const SCENES: readonly Scene[] = [
  { name: 'up', title: 'Start everything', files: { 'compose.yaml': compose('8080') }, command: 'up -d' },
  { name: 'ps', title: 'What runs', command: 'ps', columns: 130 },
  {
    name: 'plan',
    title: 'A line of the file was changed: what would happen, and why',
    files: { 'compose.yaml': compose('9090') },
    command: 'plan',
  },
  { name: 'recreate', title: 'The same, done', command: 'up -d' },
  { name: 'explain', title: 'Where a value comes from', command: 'config --explain services.web.environment.PORT' },
  { name: 'down', title: 'Take everything down, the data stays', command: 'down' },
  {
    name: 'menu',
    title: 'In the foreground: logs, and the shortcuts below them',
    command: 'up',
    until: { shows: 'listening', line: 'w Enable Watch   d Detach', key: 'd' },
  },
  { name: 'logs', title: 'What was said', command: 'logs web' },
  { name: 'failure', title: 'A dependency fails', files: { 'broken.yaml': BROKEN }, command: '-f broken.yaml up -d' },
];

/** Plays the scenes on roots of their own. */
export async function capture(): Promise<readonly Screen[]> {
  const root = mkdtempSync('/var/tmp/mydocker-screens-');
  const runRoot = mkdtempSync('/run/mydocker-screens-');
  const directory = join(root, 'shop');
  const env = { MYDOCKER_DATA_ROOT: join(root, 'data'), MYDOCKER_RUN_ROOT: runRoot, TERM: 'xterm-256color' };
  mkdirSync(directory);
  try {
    expectSuccess(await run(join(dist, 'mydocker'), ['import', await rootfsTar('busybox'), 'busybox'], { env }));
    const screens: Screen[] = [];
    for (const scene of SCENES) screens.push(await play(scene, directory, env));
    return screens;
  } finally {
    for (const file of ['compose.yaml', 'broken.yaml'])
      await run(join(dist, 'mydocker-compose'), ['-f', file, 'down', '-v', '-t', '0'], { cwd: directory, env });
    rmSync(root, { recursive: true, force: true });
    rmSync(runRoot, { recursive: true, force: true });
  }
}

async function play(scene: Scene, directory: string, env: Readonly<Record<string, string>>): Promise<Screen> {
  for (const [name, content] of Object.entries(scene.files ?? {})) writeFileSync(join(directory, name), content);
  const terminal = new Terminal([join(dist, 'mydocker-compose'), ...scene.command.split(' ')], {
    cwd: directory,
    env,
    rows: 24,
    columns: scene.columns ?? 80,
  });
  const { until } = scene;
  if (until === undefined) await terminal.status();
  else {
    await terminal.looks(`it shows ${until.line}`, (lines) => lines.at(-1) === until.line && lines.join('').includes(until.shows));
  }
  const { name, title, command } = scene;
  const screen = {
    name,
    title,
    command,
    lines: terminal.lines(),
    svg: svgOf(terminal.cells(), `$ mydocker-compose ${command}`, scene.columns ?? 80),
  };
  if (until !== undefined) {
    terminal.type(until.key);
    await terminal.status();
  }
  return screen;
}
