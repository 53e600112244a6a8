import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, realpath, rm } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { MydockerError } from '../../errors.ts';
import type { BuildRequest } from '../../model/build-request.ts';
import { randomHex } from '../../util/random.ts';
import { unpack } from '../images/core-program.ts';
import { decompress } from '../images/decompress.ts';
import { isArchive } from './archive-kind.ts';
import { fetchFile, isUrl } from './fetch-file.ts';

/** `https://host/repository.git#ref:folder` and the other ways to name a git repository. */
export function isGit(source: string): boolean {
  const [url = ''] = source.split('#');
  return /^(?:git|ssh):\/\/|^git@|^[\w.-]+@[\w.-]+:|^github\.com\/[^/]+\/[^/]+/.test(url) || /^(?:https?|file):\/\/.*\.git\/?$/.test(url);
}

/** Whether a build context has to be fetched. */
export function isRemoteSource(source: string): boolean {
  return isUrl(source) || isGit(source);
}

/** The request with contexts of this machine: what is remote is fetched to folders below `staging`. */
export async function withLocalContexts(request: BuildRequest, corePath: string, staging: string): Promise<BuildRequest> {
  const contexts = await Promise.all(
    Object.entries(request.contexts).map(async ([name, value]) => {
      if (!isRemoteSource(value)) return [name, value] as const;
      return [name, (await fetchContext(value, request, corePath, staging)).folder] as const;
    }),
  );
  const local = { ...request, contexts: Object.fromEntries(contexts) };
  if (!isRemoteSource(request.context)) return local;
  const { folder, dockerfileText } = await fetchContext(request.context, request, corePath, staging);
  return { ...local, context: folder, ...(dockerfileText === undefined ? {} : { dockerfileText }) };
}

interface Fetched {
  readonly folder: string;
  /** The URL was that of a Dockerfile: it is all there is. */
  readonly dockerfileText?: string;
}

async function fetchContext(source: string, { args, say }: BuildRequest, corePath: string, staging: string): Promise<Fetched> {
  say(`fetching ${source}`);
  const folder = join(staging, `context-${randomHex(6)}`);
  if (isGit(source)) return { folder: await fetchGit(source, folder, args['BUILDKIT_CONTEXT_KEEP_GIT_DIR'] === '1') };
  const download = `${folder}-download`;
  await mkdir(download, { mode: 0o700 });
  await mkdir(folder, { mode: 0o755 });
  const path = join(download, await fetchFile(source, download));
  if (!(await isArchive(path))) return { folder, dockerfileText: await readFile(path, 'utf8') };
  await unpack(corePath, ['--mode', 'copy', '--root', folder], await decompress(createReadStream(path)));
  await rm(download, { recursive: true });
  return { folder };
}

/** Checks a repository out to `folder` and returns the folder in it that the fragment names. Throws when git cannot. */
export async function fetchGit(source: string, folder: string, keepsGit: boolean): Promise<string> {
  const [address = '', fragment = ''] = source.split(/#(.*)/s);
  const [ref = '', path = ''] = fragment.split(/:(.*)/s);
  const url = address.startsWith('github.com/') ? `https://${address}` : address;
  if (ref.startsWith('-')) throw new MydockerError('invalid', `${ref} is not a branch, tag or commit`, { resource: source });
  const git = async (...args: readonly string[]): Promise<void> =>
    runGit(source, ['-C', folder, '-c', 'advice.detachedHead=false', ...args]);
  await mkdir(folder, { mode: 0o755 });
  await git('init', '-q');
  const fetch = async (...depth: readonly string[]): Promise<void> => {
    await git('fetch', '-q', ...depth, '--no-tags', '--', url, ref === '' ? 'HEAD' : ref);
    await git('checkout', '-q', 'FETCH_HEAD');
  };
  try {
    // A plain web server cannot give a part of the history.
    await fetch('--depth', '1').catch(() => fetch());
  } catch (error) {
    // Servers do not give out every commit by its name, nor a short one.
    if (!/^[0-9a-f]{4,64}$/.test(ref)) throw error;
    await git('fetch', '-q', '--', url, '+refs/heads/*:refs/remotes/origin/*', '+refs/tags/*:refs/tags/*');
    await git('checkout', '-q', ref, '--');
  }
  await git('submodule', '-q', 'update', '--init', '--recursive', '--depth', '1');
  if (!keepsGit) await rm(join(folder, '.git'), { recursive: true });
  return folderIn(folder, path, source);
}

/** Links in the repository do not lead out of it. */
async function folderIn(folder: string, path: string, source: string): Promise<string> {
  const root = await realpath(folder);
  const real = await realpath(join(root, path)).catch((cause: unknown) => {
    throw new MydockerError('not-found', `the repository has no folder ${path}`, { resource: source, cause });
  });
  if (real === root || real.startsWith(root + sep)) return real;
  throw new MydockerError('refused', `${path} leads out of the repository`, { resource: source });
}

async function runGit(source: string, args: readonly string[]): Promise<void> {
  // It must not ask: nobody may be there to answer, and prompts would mix with the progress.
  const child = spawn('git', args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, GIT_TERMINAL_PROMPT: '0' } });
  const errors: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('close', resolve);
    child.once('error', (cause) =>
      reject(
        new MydockerError('host', 'git cannot be run', { resource: source, cause, hint: 'Install git: sources in repositories need it.' }),
      ),
    );
  });
  if (code === 0) return;
  throw new MydockerError('runtime', `git cannot fetch it: ${Buffer.concat(errors).toString().trim()}`, { resource: source });
}
