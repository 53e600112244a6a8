import { createPrivateKey, sign, type KeyObject, type webcrypto } from 'node:crypto';
import { MydockerError } from '../../errors.ts';
import { WireReader, wireMpint, wireString } from './ssh-wire.ts';

type JsonWebKey = webcrypto.JsonWebKey;

/** A key that an ssh agent holds. */
export interface PrivateKey {
  /** The public key as ssh sends it. */
  readonly blob: Buffer;
  readonly comment: string;
  /** The signature as ssh sends it; `flags` choose the hash of an RSA key. */
  sign(data: Uint8Array, flags: number): Buffer;
}

const CURVES: Readonly<Record<string, { readonly curve: string; readonly hash: string; readonly size: number }>> = {
  nistp256: { curve: 'P-256', hash: 'sha256', size: 32 },
  nistp384: { curve: 'P-384', hash: 'sha384', size: 48 },
  nistp521: { curve: 'P-521', hash: 'sha512', size: 66 },
};

/** A private key in OpenSSH's format or in PEM, without a passphrase. Throws `invalid` naming the file. */
export function readPrivateKey(text: string, path: string): PrivateKey {
  const refuse = (message: string, cause?: unknown): MydockerError =>
    new MydockerError('invalid', message, { resource: path, cause, hint: 'Add the key to an ssh agent instead: ssh-add.' });
  if (/Proc-Type: 4,ENCRYPTED|BEGIN ENCRYPTED/.test(text)) throw refuse('the private key has a passphrase');
  try {
    const openssh = /-----BEGIN OPENSSH PRIVATE KEY-----([^-]+)-----END/.exec(text)?.[1];
    if (openssh === undefined) return keyOf(createPrivateKey(text).export({ format: 'jwk' }), path);
    const { jwk, comment } = readOpenSsh(Buffer.from(openssh, 'base64'));
    return keyOf(jwk, comment);
  } catch (error) {
    if (error instanceof Encrypted) throw refuse('the private key has a passphrase', error);
    throw refuse('this is not a private key that can be used: ed25519, RSA and ECDSA keys can', error);
  }
}

class Encrypted extends Error {}

const MAGIC = 'openssh-key-v1\0';

/** OpenSSH's PROTOCOL.key. */
function readOpenSsh(bytes: Buffer): { readonly jwk: JsonWebKey; readonly comment: string } {
  const reader = new WireReader(bytes);
  if (reader.bytesOf(MAGIC.length).toString('latin1') !== MAGIC) throw new RangeError('no OpenSSH key');
  if (reader.text() !== 'none') throw new Encrypted();
  reader.text();
  reader.string();
  if (reader.uint32() !== 1) throw new RangeError('more than one key');
  reader.string();
  const secret = new WireReader(reader.string());
  secret.bytesOf(8);
  const jwk = readJwk(secret);
  return { jwk, comment: secret.text() };
}

function readJwk(secret: WireReader): JsonWebKey {
  const type = secret.text();
  const number = (): string => secret.mpint().toString('base64url');
  if (type === 'ssh-ed25519') {
    const x = secret.string();
    return { kty: 'OKP', crv: 'Ed25519', x: x.toString('base64url'), d: secret.string().subarray(0, 32).toString('base64url') };
  }
  if (type === 'ssh-rsa') {
    const [n, e, d, qi, p, q] = [number(), number(), number(), number(), number(), number()] as const;
    return { kty: 'RSA', n, e, d, p, q, qi, dp: partOf(d, p), dq: partOf(d, q) };
  }
  const { curve, size } = curveOf(secret.text());
  const point = secret.string();
  return {
    kty: 'EC',
    crv: curve,
    x: point.subarray(1, 1 + size).toString('base64url'),
    y: point.subarray(1 + size).toString('base64url'),
    d: padded(secret.mpint(), size).toString('base64url'),
  };
}

/** d mod (p - 1), which ssh does not keep. */
function partOf(d: string, p: string): string {
  const value = (text: string): bigint => BigInt(`0x${Buffer.from(text, 'base64url').toString('hex')}`);
  const hex = (value(d) % (value(p) - 1n)).toString(16);
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex').toString('base64url');
}

function curveOf(name: string): (typeof CURVES)[string] {
  const curve = CURVES[name];
  if (curve === undefined) throw new RangeError(`the curve ${name} is unknown`);
  return curve;
}

function padded(bytes: Buffer, size: number): Buffer {
  return Buffer.concat([Buffer.alloc(Math.max(0, size - bytes.length)), bytes]);
}

function keyOf(jwk: JsonWebKey, comment: string): PrivateKey {
  const key = createPrivateKey({ key: jwk, format: 'jwk' });
  const part = (text: string | undefined): Buffer => Buffer.from(text ?? '', 'base64url');
  if (jwk.kty === 'OKP' && jwk.crv === 'Ed25519') {
    const name = 'ssh-ed25519';
    return { comment, blob: joined(name, wireString(part(jwk.x))), sign: (data) => joined(name, wireString(sign(null, data, key))) };
  }
  if (jwk.kty === 'RSA') {
    return {
      comment,
      blob: joined('ssh-rsa', wireMpint(part(jwk.e)), wireMpint(part(jwk.n))),
      sign: (data, flags) => signRsa(key, data, flags),
    };
  }
  const [name, { hash, size }] = Object.entries(CURVES).find(([, { curve }]) => curve === jwk.crv) ?? ['', curveOf(jwk.crv ?? '')];
  const type = `ecdsa-sha2-${name}`;
  const point = Buffer.concat([Buffer.of(4), padded(part(jwk.x), size), padded(part(jwk.y), size)]);
  return {
    comment,
    blob: joined(type, wireString(name), wireString(point)),
    sign: (data) => {
      const both = sign(hash, data, { key, dsaEncoding: 'ieee-p1363' });
      return joined(type, wireString(Buffer.concat([wireMpint(both.subarray(0, size)), wireMpint(both.subarray(size))])));
    },
  };
}

/** SSH_AGENT_RSA_SHA2_256 and SSH_AGENT_RSA_SHA2_512. */
const SHA2_256 = 2;
const SHA2_512 = 4;

function signRsa(key: KeyObject, data: Uint8Array, flags: number): Buffer {
  const [name, hash] =
    (flags & SHA2_512) !== 0 ? ['rsa-sha2-512', 'sha512'] : (flags & SHA2_256) !== 0 ? ['rsa-sha2-256', 'sha256'] : ['ssh-rsa', 'sha1'];
  return joined(name, wireString(sign(hash, data, key)));
}

function joined(name: string, ...parts: readonly Buffer[]): Buffer {
  return Buffer.concat([wireString(name), ...parts]);
}
