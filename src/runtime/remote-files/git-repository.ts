import { spawn } from 'node:child_process';
import { mkdir, realpath, rm } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { MydockerError } from '../../errors.ts';

/** `https://host/repository.git#ref:folder` and the other ways to name a git repository. */
export function isGit(source: string): boolean {
  const [url = ''] = source.split('#');
  return /^(?:git|ssh):\/\/|^git@|^[\w.-]+@[\w.-]+:|^github\.com\/[^/]+\/[^/]+/.test(url) || /^(?:https?|file):\/\/.*\.git\/?$/.test(url);
}

export interface GitSource {
  readonly url: string;
  /** A branch, a tag or a commit; empty for what the repository shows first. */
  readonly ref: string;
  /** Below the top of the repository. */
  readonly path: string;
}

/** Throws `invalid` for a ref that git would take for an option. */
export function parseGit(source: string): GitSource {
  const [address = '', fragment = ''] = source.split(/#(.*)/s);
  const [ref = '', path = ''] = fragment.split(/:(.*)/s);
  if (ref.startsWith('-')) throw new MydockerError('invalid', `${ref} is not a branch, tag or commit`, { resource: source });
  return { url: address.startsWith('github.com/') ? `https://${address}` : address, ref, path };
}

/** The commit (40 hex digits, or 64) that a source means now. Throws when the repository cannot be asked or has no such ref. */
export async function commitOf(source: string): Promise<string> {
  const { url, ref } = parseGit(source);
  if (/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(ref)) return ref;
  const listed = await runGit(source, ['ls-remote', '-q', '--', url, ref === '' ? 'HEAD' : ref]);
  const commit = /^[0-9a-f]{40,64}/.exec(listed)?.[0];
  if (commit !== undefined) return commit;
  throw new MydockerError('not-found', `the repository has no branch or tag ${JSON.stringify(ref)}`, { resource: source });
}

/** Checks a repository out to `folder` and returns the folder in it that the fragment names. Throws when git cannot. */
export async function fetchGit(source: string, folder: string, keepsGit: boolean): Promise<string> {
  const { url, ref, path } = parseGit(source);
  const git = async (...args: readonly string[]): Promise<unknown> =>
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
  return pathIn(folder, path, source);
}

/** The path of a folder or file in a checked out repository. Links in it do not lead out of it. */
export async function pathIn(folder: string, path: string, source: string): Promise<string> {
  const root = await realpath(folder);
  const real = await realpath(join(root, path)).catch((cause: unknown) => {
    throw new MydockerError('not-found', `the repository has no ${path}`, { resource: source, cause });
  });
  if (real === root || real.startsWith(root + sep)) return real;
  throw new MydockerError('refused', `${path} leads out of the repository`, { resource: source });
}

/** Returns what git prints. */
async function runGit(source: string, args: readonly string[]): Promise<string> {
  // It must not ask: nobody may be there to answer, and prompts would mix with the progress.
  const child = spawn('git', args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, GIT_TERMINAL_PROMPT: '0' } });
  const output: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('close', resolve);
    child.once('error', (cause) =>
      reject(
        new MydockerError('host', 'git cannot be run', { resource: source, cause, hint: 'Install git: sources in repositories need it.' }),
      ),
    );
  });
  if (code === 0) return Buffer.concat(output).toString();
  throw new MydockerError('runtime', `git cannot fetch it: ${Buffer.concat(errors).toString().trim()}`, { resource: source });
}
