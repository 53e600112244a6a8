import type { ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { MydockerError } from '../../errors.ts';
import { findCore } from './find-core.ts';
import { encodeRequest, LineSplitter, type Fields } from './frame.ts';
import { CoreError, parseLine, textOf, type CoreLine } from './reply.ts';

interface Pending {
  readonly op: string;
  readonly reply: PromiseWithResolvers<CoreLine>;
  readonly end: PromiseWithResolvers<CoreLine>;
  replied: boolean;
}

/** A request whose end is told by an event: `exit` or `detached`. */
export interface Session {
  readonly reply: CoreLine;
  readonly end: Promise<CoreLine>;
}

/** The client of one `mydocker-core serve`, started at the first request and ended with the command. */
export class Core {
  readonly #findPath: () => string;
  readonly #pending = new Map<string, Pending>();
  readonly #unsent: Buffer[] = [];
  #child: ChildProcess | undefined;
  #requests: Writable | undefined;
  #lastId = 0;
  #closed = false;
  #failure: Error | undefined;

  constructor(findPath: () => string = findCore) {
    this.#findPath = findPath;
  }

  /** The core's process id, once it runs. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Path of the executable, for its other programs (`unpack`, `pack`). */
  get path(): string {
    return this.#findPath();
  }

  /** One request, one reply; a failure is a CoreError. */
  async request(op: string, fields: Fields): Promise<CoreLine> {
    return this.#send(op, fields).reply.promise;
  }

  /** A request that goes on after its reply: `exec`, `attach`, `start` with `attach`. */
  async open(op: string, fields: Fields): Promise<Session> {
    const pending = this.#send(op, fields);
    const reply = await pending.reply.promise;
    return { reply, end: pending.end.promise };
  }

  /** Ends the core; what it still does for this command ends with it. */
  async close(): Promise<void> {
    this.#closed = true;
    const child = this.#child;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    if (this.#requests !== undefined) this.#flush(this.#requests);
    this.#requests?.end();
    await ended;
  }

  #send(op: string, fields: Fields): Pending {
    this.#lastId += 1;
    const id = String(this.#lastId);
    const pending: Pending = { op, reply: Promise.withResolvers(), end: Promise.withResolvers(), replied: false };
    // A session's end may be of no interest to its caller; a core that dies then must not end this process.
    pending.end.promise.catch(() => undefined);
    if (this.#failure !== undefined) {
      pending.reply.reject(this.#failure);
      return pending;
    }
    const frame = encodeRequest(id, op, fields);
    const requests = this.#start();
    this.#pending.set(id, pending);
    if (this.#unsent.push(frame) === 1) process.nextTick(() => this.#flush(requests));
    return pending;
  }

  /** What was asked for in one turn goes out in one write: each wakes the core, which costs more than the request. */
  #flush(requests: Writable): void {
    if (this.#unsent.length > 0) requests.write(Buffer.concat(this.#unsent.splice(0)));
  }

  #start(): Writable {
    if (this.#requests !== undefined) return this.#requests;
    const { spawn } = process.getBuiltinModule('node:child_process');
    const child = spawn(this.#findPath(), ['serve'], { stdio: ['inherit', 'inherit', 'inherit', 'pipe', 'pipe'] });
    child.on('error', (error) => this.#fail(error));
    // Where not even the pipes could be made, there are none, whatever the types say.
    const [, , , requests, replies] = ((child.stdio as unknown) ?? []) as (Writable | undefined)[] & (Readable | undefined)[];
    if (requests === undefined || replies === undefined) {
      throw new MydockerError('host', 'mydocker-core cannot be started', {
        hint: 'Too few files may be open at once, or too few processes may run: see `ulimit -n` and `ulimit -u`.',
      });
    }
    const lines = new LineSplitter();
    requests.on('error', () => undefined); // told by the end of the replies
    replies.on('data', (chunk: Uint8Array) => {
      for (const line of lines.push(chunk)) this.#receive(line);
    });
    replies.on('error', () => undefined);
    replies.on('close', () => this.#fail());
    this.#child = child;
    this.#requests = requests;
    return requests;
  }

  #receive(text: string): void {
    let line: CoreLine;
    try {
      line = parseLine(text);
    } catch (error) {
      this.#fail(new MydockerError('runtime', `mydocker-core sent ${JSON.stringify(text.slice(0, 200))}`, { cause: error }));
      return;
    }
    const id = textOf(line, 'id');
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    if (line['event'] !== undefined) {
      this.#pending.delete(id);
      // An event without a reply: the supervisor was killed before it could give one, and nothing else comes.
      if (line['event'] === 'lost' || !pending.replied) lose(pending);
      else pending.end.resolve(line);
    } else {
      pending.replied = true;
      if (line['ok'] === true) pending.reply.resolve(line);
      else pending.reply.reject(new CoreError(pending.op, line));
      if (line['ok'] !== true || !SESSION_OPS.has(pending.op)) this.#pending.delete(id);
    }
  }

  #fail(cause?: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure =
      cause instanceof MydockerError
        ? cause
        : new MydockerError('runtime', this.#closed ? 'the command is ending' : 'mydocker-core ended unexpectedly', { cause });
    for (const pending of this.#pending.values()) {
      if (!pending.replied) pending.reply.reject(this.#failure);
      pending.end.reject(this.#failure);
    }
    this.#pending.clear();
  }
}

function lose(pending: Pending): void {
  const lost = new MydockerError('runtime', 'the connection to the container was lost', {
    hint: 'Its supervisor or the relay to it has been killed.',
  });
  if (!pending.replied) pending.reply.reject(lost);
  pending.end.reject(lost);
}

/** Operations that may be followed by an event. */
const SESSION_OPS: ReadonlySet<string> = new Set(['exec', 'attach', 'start']);
