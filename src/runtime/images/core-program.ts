import { spawn, type ChildProcess } from 'node:child_process';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CoreError, parseLine, numberOf } from '../core/reply.ts';
import { MydockerError } from '../../errors.ts';

export interface ArchiveResult {
  readonly entries: number;
  /** Data of all files. */
  readonly bytes: number;
}

/** `mydocker-core unpack`, fed from an open file or a stream of plain tar. */
export async function unpack(corePath: string, args: readonly string[], source: number | Readable): Promise<ArchiveResult> {
  const child = spawn(corePath, ['unpack', ...args], { stdio: [typeof source === 'number' ? source : 'pipe', 'ignore', 'pipe'] });
  return consume('unpack', child, source);
}

async function consume(program: string, child: ChildProcess, source: number | Readable): Promise<ArchiveResult> {
  const report = collect(child.stderr);
  const ended = exitOf(child);
  let failure: unknown;
  if (typeof source !== 'number' && child.stdin !== null) {
    // A refused archive closes the pipe: then the report says why. A source that breaks must not look like its end.
    failure = await pipeline(source, child.stdin).then(
      () => undefined,
      (error: unknown) => error,
    );
  }
  const text = await report;
  await ended;
  if (failure !== undefined && !isBrokenPipe(failure)) throw asArchiveError(failure);
  return readReport(program, text);
}

/** Pairs of texts as `pack --list` and `remove` read them. */
export function records(pairs: Iterable<readonly [string, string]>): Readable {
  return Readable.from([Buffer.from([...pairs].map(([first, second]) => `${first}\0${second}\0`).join(''))]);
}

/** `mydocker-core remove`, fed with what is to go. */
export async function remove(corePath: string, args: readonly string[], list: Readable): Promise<ArchiveResult> {
  return consume('remove', spawn(corePath, ['remove', ...args], { stdio: ['pipe', 'ignore', 'pipe'] }), list);
}

/** `mydocker-core pack`: what it writes goes to `use`, whose end is awaited, what it reads (for `--list`) comes from `list`; the result comes with the last byte. */
export async function pack(
  corePath: string,
  args: readonly string[],
  use: (output: Readable) => Promise<void>,
  list?: Readable,
): Promise<ArchiveResult> {
  const child = spawn(corePath, ['pack', ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  if (list === undefined) child.stdin.end();
  // When it fails it does not read on; its report says why.
  else pipeline(list, child.stdin).catch(() => undefined);
  const report = collect(child.stderr);
  const ended = exitOf(child);
  // Bun loses what a child wrote when nobody reads before it has exited: take it over at once.
  const output = child.stdout.pipe(new PassThrough());
  let failure: unknown;
  await use(output).catch((error: unknown) => {
    failure = error;
    output.destroy();
    child.stdout.destroy();
  });
  const text = await report;
  await ended;
  if (failure === undefined) return readReport('pack', text);
  throwOwnFailure(text);
  throw failure instanceof Error ? failure : new Error('the archive could not be written', { cause: failure });
}

/** An archive that breaks off is truncated for who reads it; why it does is what people want to know. */
function throwOwnFailure(report: string): void {
  try {
    readReport('pack', report);
  } catch (error) {
    if (error instanceof CoreError && error.errno !== 'EPIPE') throw error;
  }
}

async function exitOf(child: ReturnType<typeof spawn>): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('close', () => resolve());
    child.once('error', (error) => reject(new MydockerError('host', 'mydocker-core cannot be run', { cause: error })));
  });
}

async function collect(stream: Readable | null): Promise<string> {
  if (stream === null) return '';
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks).toString();
}

function readReport(program: string, text: string): ArchiveResult {
  const last = text.trimEnd().split('\n').at(-1) ?? '';
  if (!last.startsWith('{')) {
    throw new MydockerError('runtime', `mydocker-core ${program} ended without a report${text === '' ? '' : `: ${text.slice(0, 500)}`}`);
  }
  const line = parseLine(last);
  if (line['ok'] !== true) throw new CoreError(program, line);
  return { entries: numberOf(line, 'entries'), bytes: numberOf(line, 'bytes') };
}

function isBrokenPipe(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return code === 'EPIPE' || code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ECONNRESET';
}

/** Decoders say "incorrect header check"; people want to know that it is the archive. */
export function asArchiveError(error: unknown): Error {
  if (error instanceof MydockerError) return error;
  const code = (error as { code?: unknown } | null)?.code;
  const reason = error instanceof Error ? error.message : String(error);
  if (typeof code === 'string' && /^Z_|^ZSTD|^ERR_/.test(code)) {
    return new MydockerError('invalid', `the archive is damaged or truncated: ${reason}`, { cause: error });
  }
  return error instanceof Error ? error : new Error(reason);
}
