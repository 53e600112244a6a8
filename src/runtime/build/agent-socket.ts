import { chmodSync, chownSync, closeSync, openSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import type { AgentSource } from '../../model/build-request.ts';
import { randomHex } from '../../util/random.ts';
import { readPrivateKey, type PrivateKey } from './private-key.ts';
import { uint32, WireReader, wireString } from './ssh-wire.ts';

export interface AgentAccess {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

/** A socket of an ssh agent. */
export interface AgentSocket {
  readonly path: string;
  close(): void;
}

/** A socket below `folder` that leads to the agent, or is one that holds the keys. */
export async function openAgentSocket(folder: string, source: AgentSource, { uid, gid, mode }: AgentAccess): Promise<AgentSocket> {
  const name = `agent-${randomHex(6)}`;
  const path = join(folder, name);
  const serve = 'socket' in source ? relayTo(source.socket) : serveKeys(source.keys.map(({ text, path }) => readPrivateKey(text, path)));
  const open = new Set<Socket>();
  const server = createServer((client) => {
    open.add(client);
    client.on('error', () => client.destroy()).on('close', () => open.delete(client));
    serve(client);
  });
  // A socket's path has at most 107 bytes; the folder's may be longer.
  const parent = openSync(folder, 'r');
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(`/proc/self/fd/${String(parent)}/${name}`, resolve);
    });
  } finally {
    closeSync(parent);
  }
  chownSync(path, uid, gid);
  chmodSync(path, mode);
  return {
    path,
    close: () => {
      server.close();
      for (const client of open) client.destroy();
      rmSync(path, { force: true });
    },
  };
}

function relayTo(path: string): (client: Socket) => void {
  return (client) => {
    const agent = connect(path);
    agent.on('error', () => client.destroy()).on('close', () => client.destroy());
    client.on('close', () => agent.destroy());
    client.pipe(agent).pipe(client);
  };
}

/** Longest message that is taken, in bytes; OpenSSH's agent has the same limit. */
const LONGEST = 256 * 1024;

function serveKeys(keys: readonly PrivateKey[]): (client: Socket) => void {
  return (client) => {
    let rest = Buffer.alloc(0);
    client.on('data', (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= 4) {
        const length = rest.readUInt32BE();
        if (length > LONGEST) return client.destroy();
        if (rest.length < 4 + length) return undefined;
        client.write(wireString(answer(keys, rest.subarray(4, 4 + length))));
        rest = rest.subarray(4 + length);
      }
      return undefined;
    });
  };
}

const FAILURE = Buffer.of(5);
const REQUEST_IDENTITIES = 11;
const IDENTITIES = Buffer.of(12);
const SIGN_REQUEST = 13;
const SIGNATURE = Buffer.of(14);

/** The answer to a message of draft-ietf-sshm-ssh-agent: keys can be listed and used, not changed. */
function answer(keys: readonly PrivateKey[], message: Buffer): Buffer {
  if (message[0] === REQUEST_IDENTITIES)
    return Buffer.concat([
      IDENTITIES,
      uint32(keys.length),
      ...keys.flatMap(({ blob, comment }) => [wireString(blob), wireString(comment)]),
    ]);
  if (message[0] !== SIGN_REQUEST) return FAILURE;
  try {
    const reader = new WireReader(message.subarray(1));
    const blob = reader.string();
    const data = reader.string();
    const key = keys.find((one) => one.blob.equals(blob));
    return key === undefined ? FAILURE : Buffer.concat([SIGNATURE, wireString(key.sign(data, reader.uint32()))]);
  } catch (error) {
    if (error instanceof RangeError) return FAILURE;
    throw error;
  }
}
