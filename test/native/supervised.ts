import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import type { Socket } from 'node:net';
import { connectControl, controlRequest } from '../../src/runtime/core/control-client.ts';
import { encodeRequest, LineSplitter, type Fields } from '../../src/runtime/core/frame.ts';
import { numberOf, parseLine, textOf, type CoreLine, type CoreError } from '../../src/runtime/core/reply.ts';
import { until } from '../helpers/until.ts';
import type { Rig } from './rig.ts';

const freezer = '/sys/fs/cgroup/freezer';
const onV1 = existsSync(join(freezer, 'cgroup.procs'));

function cgroupFields(id: string): Fields {
  const folder = join(onV1 ? freezer : '/sys/fs/cgroup', 'mydocker', id);
  return [
    ['cgroup', folder],
    ['cgroup.procs', join(folder, 'cgroup.procs')],
    ['cgroup.freeze', onV1 ? `${folder}/freezer.state|FROZEN|THAWED` : `${folder}/cgroup.freeze|1|0`],
  ];
}

export interface LogEntry {
  readonly log: string;
  readonly stream: string;
  readonly time: string;
}
export interface RecordedState {
  readonly status: string;
  readonly pid: number;
  readonly pidStart: number;
  readonly exitCode: number;
  readonly restartCount: number;
  readonly stoppedByUser: boolean;
  readonly error: string;
  readonly health?: {
    readonly status: string;
    readonly failingStreak: number;
    readonly log: readonly { exitCode: number; output: string }[];
  };
}

export function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}/stat`) && !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
}

/** A container with a log, events and a cgroup, and what a test may ask of it. */
export class Supervised {
  readonly id = randomBytes(32).toString('hex');
  readonly rig: Rig;
  readonly run: string;
  readonly data: string;
  reply: CoreLine = {};

  constructor(rig: Rig) {
    this.rig = rig;
    this.run = join(rig.root, this.id, 'run');
    this.data = join(rig.root, this.id, 'data');
  }

  fields(command: readonly string[], fields: Fields = []): Fields {
    return [
      ...this.rig.fields(this.id, [this.rig.image]),
      ...cgroupFields(this.id),
      ['log', 'json-file'],
      ['log.path', join(this.data, 'log')],
      ['event_log', join(this.rig.root, this.id, 'events')],
      ...fields,
      ...command.map((word) => ['arg', word] as const),
    ];
  }

  async start(command: readonly string[], fields: Fields = []): Promise<this> {
    this.reply = await this.rig.core.request('start', this.fields(command, fields));
    return this;
  }

  /** `stage ERRNO` of a start that must fail. */
  async refused(command: readonly string[], fields: Fields = []): Promise<string> {
    const error: unknown = await this.rig.core.request('start', this.fields(command, fields)).then(
      () => new Error('it has started'),
      (failure: unknown) => failure,
    );
    const { stage, errno } = error as CoreError;
    return `${stage} ${errno}`;
  }

  async control(op: string, fields: Fields = []): Promise<CoreLine> {
    return controlRequest(this.run, op, fields);
  }

  get state(): RecordedState {
    return JSON.parse(readFileSync(join(this.run, 'state.json'), 'utf8')) as RecordedState;
  }

  get log(): readonly LogEntry[] {
    return this.#lines(join(this.data, 'log')) as LogEntry[];
  }

  /** What was logged, one string. */
  get text(): string {
    return this.log.map((entry) => entry.log).join('');
  }

  get events(): readonly string[] {
    return (this.#lines(join(this.rig.root, this.id, 'events')) as { action: string }[]).map((event) => event.action);
  }

  #lines(path: string): unknown[] {
    if (!existsSync(path)) return [];
    const lines = readFileSync(path, 'utf8').split('\n');
    return lines.slice(0, -1).map((line) => JSON.parse(line) as unknown);
  }

  async status(wanted: string): Promise<RecordedState> {
    await until(`container is ${wanted}`, () => existsSync(join(this.run, 'state.json')) && this.state.status === wanted);
    return this.state;
  }

  async says(text: string): Promise<void> {
    await until(`container says ${text}`, () => this.text.includes(text));
  }

  async stop(): Promise<CoreLine> {
    return this.control('stop', [['timeout', '0']]);
  }

  /** What a supervisor does that is not killed. */
  removeCgroup(): void {
    for (const [key, folder] of cgroupFields(this.id)) if (key === 'cgroup') rmdirSync(folder);
  }

  execFields(command: readonly string[], fields: Fields = []): Fields {
    const { pid, pidStart } = this.state;
    return [
      ['run_dir', this.run],
      ['id', this.id],
      ['event_log', join(this.rig.root, this.id, 'events')],
      ['pid', String(pid)],
      ['pid_start', String(pidStart)],
      ...cgroupFields(this.id).filter(([key]) => key === 'cgroup.procs'),
      ...['bounding', 'effective', 'permitted'].map((set) => [`cap.${set}`, 'a80425fb'] as const),
      ['env', 'PATH=/bin'],
      ...fields,
      ...command.map((word) => ['arg', word] as const),
    ];
  }

  /** Runs a command to its end; `CODE: stdout stderr`. */
  async exec(command: readonly string[], fields: Fields = []): Promise<string> {
    const session = await this.rig.core.open('exec', this.execFields(command, [['output', 'capture'], ...fields]));
    const end = await session.end;
    const text = (key: string) => Buffer.from(textOf(end, key), 'base64').toString();
    return `${numberOf(end, 'code')}: ${text('stdout')}${text('stderr')}`.trimEnd();
  }
}

export interface Frame {
  readonly kind: number;
  readonly data: Buffer;
}

/** A connection of control.sock that carries a stream. */
export class Attached {
  readonly frames: Frame[] = [];
  closed = false;
  readonly #socket: Socket;
  #rest: Buffer = Buffer.alloc(0);
  #head: string | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Uint8Array) => this.#receive(Buffer.from(chunk)));
    socket.on('error', () => undefined);
    socket.on('close', () => (this.closed = true));
  }

  static async to(container: Supervised, fields: Fields = []): Promise<Attached> {
    const attached = new Attached(await connectControl(container.run));
    attached.#socket.write(encodeRequest('1', 'attach', fields));
    await until('attached', () => attached.#head !== undefined);
    return attached;
  }

  #receive(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    if (this.#head === undefined) {
      const end = this.#rest.indexOf('\n');
      if (end < 0) return;
      this.#head = this.#rest.toString('utf8', 0, end);
      this.#rest = this.#rest.subarray(end + 1);
    }
    while (this.#rest.length >= 5 && this.#rest.length >= 5 + this.#rest.readUInt32LE(1)) {
      const length = this.#rest.readUInt32LE(1);
      this.frames.push({ kind: this.#rest.readUInt8(0), data: Buffer.from(this.#rest.subarray(5, 5 + length)) });
      this.#rest = this.#rest.subarray(5 + length);
    }
  }

  get head(): CoreLine {
    return parseLine(this.#head ?? '{}');
  }

  text(kind: number): string {
    return Buffer.concat(this.frames.filter((frame) => frame.kind === kind).map((frame) => frame.data)).toString();
  }

  send(kind: number, data: string | Uint8Array): void {
    const body = Buffer.from(data as string);
    const head = Buffer.alloc(5);
    head.writeUInt8(kind, 0);
    head.writeUInt32LE(body.length, 1);
    this.#socket.write(Buffer.concat([head, body]));
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** A `serve` whose fds 0, 1, 2 are pipes of the test, or with `terminal` a pty. */
export class Foreground {
  readonly child: ChildProcess;
  readonly lines: CoreLine[] = [];
  output = '';
  errors = '';

  constructor(path: string, terminal = false) {
    const command = terminal ? ['script', '-qefc', `stty rows 33 cols 99; exec ${path} serve`, '/dev/null'] : [path, 'serve'];
    this.child = spawn(command[0] ?? '', command.slice(1), { stdio: ['pipe', 'pipe', 'pipe', 'pipe', 'pipe'] });
    const splitter = new LineSplitter();
    (this.child.stdio[4] as Readable).on('data', (chunk: Uint8Array) => {
      for (const line of splitter.push(chunk)) this.lines.push(parseLine(line));
    });
    this.child.stdout?.on('data', (chunk: Uint8Array) => (this.output += Buffer.from(chunk).toString()));
    this.child.stderr?.on('data', (chunk: Uint8Array) => (this.errors += Buffer.from(chunk).toString()));
  }

  send(op: string, fields: Fields): void {
    (this.child.stdio[3] as Writable).write(encodeRequest('1', op, fields));
  }

  type(text: string): void {
    this.child.stdin?.write(text);
  }

  async line(index: number): Promise<CoreLine> {
    await until(`line ${index} of the core`, () => this.lines.length > index);
    return this.lines[index] ?? {};
  }

  async says(text: string): Promise<void> {
    await until(`the terminal shows ${text}`, () => this.output.includes(text));
  }

  async end(): Promise<void> {
    (this.child.stdio[3] as Writable).end();
    this.child.stdin?.destroy();
    await until('serve ends', () => this.child.exitCode !== null || this.child.signalCode !== null);
  }
}
