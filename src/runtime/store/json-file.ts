import { closeSync, fsync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type * as z from 'zod/mini';
import { MydockerError } from '../../errors.ts';
import { errnoOf } from '../../util/errno.ts';
import { randomHex } from '../../util/random.ts';
import { sealed, unsealed } from './seal.ts';

export interface WriteOptions {
  /** Wait until the disk has it; true unless the file may be lost at a power cut (a file below the run root). */
  readonly durable?: boolean;
  /** Shape and version of the record, when it is to carry a seal (see `seal.ts`). */
  readonly seal?: string;
}

/** Writes the whole file or nothing: temp file, fsync, rename, fsync of the folder. */
export async function writeJson(path: string, value: unknown, options: WriteOptions = {}): Promise<void> {
  const text = `${JSON.stringify(value, undefined, 1)}\n`;
  await writeWhole(path, options.seal === undefined ? text : sealed(text, options.seal), options);
}

/** As `writeJson`, for text and bytes. The file is 0600. */
export async function writeWhole(path: string, data: string | Uint8Array, { durable = true }: WriteOptions = {}): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${randomHex(6)}.tmp`);
  try {
    await usingFile(openSync(temporary, 'wx', 0o600), (file) => {
      writeFileSync(file, data);
      return durable ? sync(file) : undefined;
    });
    renameSync(temporary, path);
    if (durable) await syncFolder(folder);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw describeWriteError(path, error);
  }
}

/** Makes a rename or unlink in `folder` survive a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  await usingFile(openSync(folder, 'r'), sync);
}

/** Waiting for the disk is the one step that takes long enough to be left to another thread. */
function sync(file: number): Promise<void> {
  return new Promise((resolve, reject) => {
    fsync(file, (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
}

async function usingFile(file: number, use: (file: number) => Promise<void> | undefined): Promise<void> {
  try {
    await use(file);
  } finally {
    closeSync(file);
  }
}

function describeWriteError(path: string, error: unknown): unknown {
  const code = errnoOf(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new MydockerError('host', `no space left to write ${path}`, { cause: error, hint: 'Free some disk space and run it again.' });
  }
  return error;
}

/** What a broken file is part of and how to get rid of it: for the message. */
export interface RecordKind {
  /** `container 1234`, `volume data`. */
  readonly resource: string;
  /** One sentence: how to repair. */
  readonly repair: string;
  /** It was written without waiting for the disk: one that a power cut left empty or zeroed counts as not there. */
  readonly mayBeTorn?: boolean;
  /** Of a sealed record: one whose seal is intact is not looked into. */
  readonly seal?: string;
}

/** A record whose seal is intact; undefined for all others, and where there is none. */
export function readIntact(path: string, seal: string): unknown {
  try {
    const intact = unsealed(readFileSync(path, 'utf8'), seal);
    return intact === undefined ? undefined : JSON.parse(intact);
  } catch {
    return undefined;
  }
}

/** Reads and validates; undefined when there is no such file. A broken one is an error `corrupt`, never "nothing there". */
export function readJsonIfExists<T>(path: string, schema: z.ZodMiniType<T>, kind: RecordKind): T | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = errnoOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new MydockerError('corrupt', `${path} cannot be read: ${code}`, { resource: kind.resource, hint: kind.repair, cause: error });
  }
  if (kind.mayBeTorn === true && (text === '' || text.startsWith('\0'))) return undefined;
  return parseJson(path, text, schema, kind);
}

function parseJson<T>(path: string, text: string, schema: z.ZodMiniType<T>, kind: RecordKind): T {
  const intact = kind.seal === undefined ? undefined : unsealed(text, kind.seal);
  if (intact !== undefined) return JSON.parse(intact) as T;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new MydockerError('corrupt', `${path} is not JSON`, { resource: kind.resource, hint: kind.repair, cause: error });
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const place = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.map(String).join('.')}: `;
  throw new MydockerError('corrupt', `${path} is not what was written there: ${place}${issue?.message ?? 'unknown shape'}`, {
    resource: kind.resource,
    hint: kind.repair,
    cause: result.error,
  });
}
