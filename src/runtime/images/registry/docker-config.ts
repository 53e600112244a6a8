import { mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { MydockerError } from '../../../errors.ts';
import { errnoOf } from '../../../util/errno.ts';
import { writeWhole } from '../../store/json-file.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** One registry's entry in Docker's own file: `auth` is base64 of `USER:PASSWORD`. */
export interface AuthEntry {
  readonly auth?: string;
  readonly username?: string;
  readonly password?: string;
  /** Stands for a login; exchanged for tokens. */
  readonly identitytoken?: string;
}

/** The part of `~/.docker/config.json` that is about logins; what else is in it is kept when it is written. */
export interface DockerConfig {
  readonly auths?: Readonly<Record<string, AuthEntry>>;
  /** Name of the helper that keeps all logins: `docker-credential-NAME`. */
  readonly credsStore?: string;
  /** Helpers of single registries. */
  readonly credHelpers?: Readonly<Record<string, string>>;
  readonly [key: string]: unknown;
}

function configPath(env: Environment): string {
  return join(env['DOCKER_CONFIG'] ?? join(env['HOME'] ?? homedir(), '.docker'), 'config.json');
}

/** Docker's file, empty where there is none. Throws `invalid` naming it when it cannot be read. */
export function readDockerConfig(env: Environment = process.env): DockerConfig {
  const path = configPath(env);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return {};
    throw new MydockerError('host', `cannot read ${path}`, { cause: error });
  }
  try {
    const value: unknown = text.trim() === '' ? {} : JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as DockerConfig;
  } catch (error) {
    throw new MydockerError('invalid', `${path} is not JSON`, { cause: error, hint: 'Repair it, or move it away and log in again.' });
  }
  throw new MydockerError('invalid', `${path} is not a JSON object`, { hint: 'Repair it, or move it away and log in again.' });
}

/** Writes the whole file or nothing, for its owner only; a link stays one. Returns its path. */
export async function writeDockerConfig(config: DockerConfig, env: Environment = process.env): Promise<string> {
  const path = configPath(env);
  mkdirSync(join(path, '..'), { recursive: true, mode: 0o700 });
  await writeWhole(realPath(path), `${JSON.stringify(config, undefined, '\t')}\n`);
  return path;
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** The name a registry's login has in the file, by the domain of its images. */
export function serverKey(domain: string): string {
  return domain === 'docker.io' ? 'https://index.docker.io/v1/' : domain;
}
