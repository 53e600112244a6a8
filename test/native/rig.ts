import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Core } from '../../src/runtime/core/core.ts';
import type { Fields } from '../../src/runtime/core/frame.ts';
import { CoreError, numberOf, type CoreLine } from '../../src/runtime/core/reply.ts';
import { until } from '../helpers/until.ts';

const build = new URL('../../native/build/', import.meta.url).pathname;

/** What ships, and the same with AddressSanitizer and UBSan. */
export const cores: readonly (readonly [name: string, path: string])[] = [
  ['release', join(build, 'mydocker-core')],
  ['sanitized', join(build, 'sanitize/mydocker-core')],
];

const capabilities = 'a80425fb';
const defaultMounts: Fields = [
  ...mount('proc', '/proc', 'nosuid,nodev,noexec'),
  ...mount('tmpfs', '/dev', 'nosuid,strictatime,mode=755,size=65536k'),
  ...mount('devpts', '/dev/pts', 'nosuid,noexec,newinstance,ptmxmode=0666,mode=0620,gid=5'),
  ...mount('sysfs', '/sys', 'ro,nosuid,nodev,noexec'),
  ...mount('mqueue', '/dev/mqueue', 'nosuid,nodev,noexec'),
  ...mount('tmpfs', '/dev/shm', 'nosuid,nodev,noexec,mode=1777,size=64m'),
];

export function mount(type: string, target: string, options: string, source?: string): Fields {
  const fields: [string, string][] = [
    ['mount', type],
    ['mount.target', target],
    ['mount.options', options],
  ];
  return source === undefined ? fields : [...fields, ['mount.source', source]];
}

/** A zombie has ended too: who collects it is not ours. */
export function hasEnded(pid: number): boolean {
  const path = `/proc/${pid}/stat`;
  if (!existsSync(path)) return true;
  const stat = readFileSync(path, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
}

export interface Outcome {
  readonly reply: CoreLine;
  /** What the container wrote to stdout and stderr. */
  readonly output: string;
}

/** Folders for containers of one test file, and a core to launch them with. */
export class Rig {
  readonly root = mkdtempSync('/var/tmp/mydocker-native-');
  readonly core: Core;
  readonly image: string;
  #count = 0;

  constructor(path: string) {
    this.core = new Core(() => path);
    this.image = this.makeImage('image');
  }

  async end(): Promise<void> {
    await this.core.close();
    rmSync(this.root, { recursive: true });
  }

  /** A root folder with busybox, users root and web (33, of group audio, 29) and nothing else. */
  makeImage(name: string): string {
    const image = join(this.root, name);
    for (const folder of ['bin', 'etc', 'tmp']) mkdirSync(join(image, folder), { recursive: true });
    copyFileSync('/bin/busybox', join(image, 'bin/busybox'));
    chmodSync(join(image, 'bin/busybox'), 0o755);
    for (const applet of 'sh ls cat echo id mount ps hostname ip env pwd stat touch mkdir grep readlink head true sleep tty stty chmod'.split(
      ' ',
    )) {
      symlinkSync('busybox', join(image, 'bin', applet));
    }
    writeFileSync(join(image, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\nweb:x:33:33:web:/home/web:/bin/sh\n');
    writeFileSync(join(image, 'etc/group'), 'root:x:0:\nweb:x:33:\naudio:x:29:web\n');
    return image;
  }

  folder(name: string): string {
    const path = join(this.root, name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  /** What every container of these tests has; `lower` replaces the image. */
  fields(id: string, lower: readonly string[]): Fields {
    return [
      ['id', id],
      ['name', id],
      ['run_dir', this.folder(`${id}/run`)],
      ['data_dir', this.folder(`${id}/data`)],
      ...lower.map((path) => ['lower', path] as const),
      ['upper', this.folder(`${id}/upper`)],
      ['work', this.folder(`${id}/work`)],
      ['hostname', id],
      ...defaultMounts,
      ...['bounding', 'effective', 'permitted'].map((set) => [`cap.${set}`, capabilities] as const),
      ['env', 'PATH=/bin'],
      ...mount('bind', '/out', 'rbind', this.folder(`${id}/out`)),
    ];
  }

  /** The write layer of the last container. */
  get upper(): string {
    return join(this.root, `c${this.#count}/upper`);
  }

  /** Starts a container whose shell runs `script`, and waits for its end. */
  async run(script: string, fields: Fields = [], lower: readonly string[] = [this.image]): Promise<Outcome> {
    const id = `c${++this.#count}`;
    const output = join(this.folder(`${id}/out`), 'output');
    writeFileSync(output, '');
    chmodSync(output, 0o666); // the container's user may be any
    const reply = await this.core.request('start', [
      ...this.fields(id, lower),
      ...fields,
      ...['sh', '-c', `exec > /out/output 2>&1; ${script}`].map((word) => ['arg', word] as const),
    ]);
    await until(`container ${id} ends`, () => hasEnded(numberOf(reply, 'supervisor')));
    return { reply, output: readFileSync(output, 'utf8').trimEnd() };
  }

  /** Expects that a start fails; returns `stage ERRNO: message`. */
  async refuse(fields: Fields, command: readonly string[] = ['true'], lower: readonly string[] = [this.image]): Promise<string> {
    const id = `c${++this.#count}`;
    try {
      await this.core.request('start', [...this.fields(id, lower), ...fields, ...command.map((word) => ['arg', word] as const)]);
    } catch (error) {
      if (error instanceof CoreError) return `${error.stage} ${error.errno}: ${error.message}`;
      throw error;
    }
    throw new Error('the container has started');
  }
}
