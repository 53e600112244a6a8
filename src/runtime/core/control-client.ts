import { closeSync, constants, openSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { MydockerError } from '../../errors.ts';
import { errnoOf } from '../../util/errno.ts';
import { encodeRequest, LineSplitter, type Fields } from './frame.ts';
import { CoreError, parseLine, type CoreLine } from './reply.ts';

/** The supervisor is not there: the container is not running, or has just ended. */
export class NoSupervisorError extends MydockerError {
  constructor(cause?: unknown) {
    super('state', 'the container is not running', { cause });
  }
}

/** Connects to `control.sock` in `folder`. */
export async function connectControl(folder: string): Promise<Socket> {
  const { connect } = await import('node:net');
  // A socket's path is at most 107 bytes long, a run root may be longer: go through the open folder.
  let fd: number;
  try {
    fd = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  } catch (error) {
    throw new NoSupervisorError(error);
  }
  try {
    return await new Promise<Socket>((resolve, reject) => {
      const socket = connect(join('/proc/self/fd', String(fd), 'control.sock'));
      socket.once('connect', () => {
        socket.removeAllListeners('error');
        resolve(socket);
      });
      socket.once('error', (error) => {
        const gone = ['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'ENOTDIR'].includes(errnoOf(error));
        reject(gone ? new NoSupervisorError(error) : error);
      });
    });
  } finally {
    closeSync(fd);
  }
}

/**
 * One request to a supervisor, one reply; a failure is a CoreError, an end before the reply a NoSupervisorError, an abort
 * the signal's reason.
 */
export async function controlRequest(folder: string, op: string, fields: Fields = [], signal?: AbortSignal): Promise<CoreLine> {
  const socket = await connectControl(folder);
  const leave = (): void => void socket.destroy();
  signal?.addEventListener('abort', leave);
  try {
    signal?.throwIfAborted();
    return await ask(socket, op, fields);
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', leave);
    socket.destroy();
  }
}

/** How long a supervisor may take to end after its container has. */
const LAST_MS = 10_000;

/** As `controlRequest`, for what ends the container: returns when the supervisor has closed the connection, as a rule with its own end. */
export async function controlToEnd(folder: string, op: string, fields: Fields = []): Promise<void> {
  const socket = await connectControl(folder);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  try {
    await ask(socket, op, fields);
    const timer = setTimeout(() => socket.destroy(), LAST_MS);
    await closed;
    clearTimeout(timer);
  } finally {
    socket.destroy();
  }
}

/** As `controlRequest`, for what lasts as long as the connection does; returns what ends it. */
export async function controlLease(folder: string, op: string, fields: Fields): Promise<() => void> {
  const socket = await connectControl(folder);
  try {
    await ask(socket, op, fields);
  } catch (error) {
    socket.destroy();
    throw error;
  }
  return () => socket.destroy();
}

function ask(socket: Socket, op: string, fields: Fields): Promise<CoreLine> {
  return new Promise<CoreLine>((resolve, reject) => {
    const lines = new LineSplitter();
    socket.on('data', (chunk: Uint8Array) => {
      const [line] = lines.push(chunk);
      if (line === undefined) return;
      const reply = parseLine(line);
      if (reply['ok'] === true) resolve(reply);
      else reject(new CoreError(op, reply));
    });
    socket.once('error', (error) => reject(new NoSupervisorError(error)));
    socket.once('close', () => reject(new NoSupervisorError()));
    socket.write(encodeRequest('1', op, fields));
  });
}
