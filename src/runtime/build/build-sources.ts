import { existsSync, readFileSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { MydockerError } from '../../errors.ts';
import { IgnorePatterns } from '../../util/ignore-patterns.ts';
import { reasonOf } from '../../util/errno.ts';
import type { BuildRequest } from '../../model/build-request.ts';

/** The folder of the build context. Throws `not-found`. */
export function checkContext({ context }: BuildRequest): void {
  if (statSync(context, { throwIfNoEntry: false })?.isDirectory() === true) return;
  throw new MydockerError('not-found', `unable to prepare context: path "${context}" not found`, { hint: 'Check build.context.' });
}

/** Text and name of the Dockerfile. Throws `not-found`. */
export function readDockerfile({ context, dockerfile, dockerfileText }: BuildRequest): { readonly text: string; readonly file: string } {
  if (dockerfileText !== undefined) return { text: dockerfileText, file: 'Dockerfile' };
  const path = resolve(context, dockerfile);
  if (!existsSync(path)) {
    throw new MydockerError('not-found', `failed to read dockerfile: open ${dockerfile}: no such file or directory`, { resource: path });
  }
  return { text: readText(path), file: path };
}

/** `DOCKERFILE.dockerignore` beside the Dockerfile, else `.dockerignore` of the context. */
export function readIgnoreFile({ context, dockerfile, dockerfileText }: BuildRequest): IgnorePatterns | undefined {
  const own = dockerfileText === undefined ? [`${resolve(context, dockerfile)}.dockerignore`] : [];
  const path = [...own, join(context, '.dockerignore')].find((one) => existsSync(one));
  if (path === undefined) return undefined;
  const text = readText(path);
  try {
    return IgnorePatterns.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw new MydockerError('invalid', error.message, { resource: path, cause: error });
    throw error;
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new MydockerError('invalid', `cannot read it: ${reasonOf(error)}`, { resource: path, cause: error });
  }
}

/** A named context: a folder, an image, or nothing by that name. */
export function namedContext(
  { contexts }: BuildRequest,
  name: string,
): { readonly folder: string } | { readonly image: string } | undefined {
  const value = contexts[name];
  if (value === undefined) return undefined;
  if (value.startsWith('docker-image://')) return { image: value.slice('docker-image://'.length) };
  if (/^[a-z][a-z0-9+-]*:\/\//.test(value)) {
    throw new MydockerError(
      'unsupported',
      `the context ${name} is ${value}: only folders, docker-image://, git repositories and http(s) archives are supported`,
    );
  }
  const folder = value.replace(/^(?:target|service):/, '');
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return { folder };
  throw new MydockerError('not-found', `the folder ${folder} of the context ${name} is not there`);
}

export async function emptyFolder(staging: string, name: string): Promise<string> {
  const folder = join(staging, name);
  await mkdir(folder, { recursive: true, mode: 0o755 });
  return folder;
}
