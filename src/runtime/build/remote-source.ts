import { createReadStream } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuildRequest } from '../../model/build-request.ts';
import { randomHex } from '../../util/random.ts';
import { unpack } from '../images/core-program.ts';
import { fetchGit, isGit } from '../remote-files/git-repository.ts';
import { decompress } from '../images/decompress.ts';
import { isArchive } from './archive-kind.ts';
import { fetchFile, isUrl } from './fetch-file.ts';

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
