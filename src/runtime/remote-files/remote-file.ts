import { homedir } from 'node:os';
import { basename, isAbsolute, join } from 'node:path';
import { MydockerError } from '../../errors.ts';
import { CACHE } from './cache.ts';
import { fetchArtifact, isArtifact } from './compose-artifact.ts';
import { fetchedFolder } from './fetched-folder.ts';
import { commitOf, fetchGit, isGit, parseGit, pathIn } from './git-repository.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Brings what a reference such as `https://host/repository.git#ref:folder` or `oci://host/name:tag` means now to this machine, if it is not here yet,
 * and returns the path of the file or folder. What was checked out stays, as services may have bind mounts in it:
 * `$XDG_CACHE_HOME/mydocker-compose/HASH-OF-URL/COMMIT/NAME-OF-REPOSITORY`.
 */
export async function fetchRemote(reference: string, say: (line: string) => void, env: Environment = process.env): Promise<string> {
  if (isArtifact(reference)) return fetchArtifact(reference, cacheFolder(env), say);
  if (!isGit(reference)) {
    throw new MydockerError('unsupported', `only git repositories and oci://NAME can be fetched: ${reference}`, {
      hint: 'fetch it first and name the copy',
    });
  }
  const { url, path } = parseGit(reference);
  const commit = await commitOf(reference);
  const folder = await fetchedFolder(cacheFolder(env), { origin: url, version: commit, name: repositoryName(url) }, (made) => {
    say(`fetching ${reference}`);
    return fetchGit(`${url}#${commit}`, made, false);
  });
  return pathIn(folder, path, reference);
}

/** It names the project where nothing else does. */
function repositoryName(url: string): string {
  const name = basename(url.replace(/\/+$/, ''))
    .replace(/^.*:/, '')
    .replace(/\.git$/, '');
  return name === '' || name.startsWith('.') ? 'repository' : name;
}

function cacheFolder(env: Environment): string {
  const given = env['XDG_CACHE_HOME'] ?? '';
  return join(isAbsolute(given) ? given : join(env['HOME'] ?? homedir(), '.cache'), CACHE);
}
