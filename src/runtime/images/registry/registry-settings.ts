import { readFileSync } from 'node:fs';
import { MydockerError } from '../../../errors.ts';
import { errnoOf } from '../../../util/errno.ts';

export interface RegistrySettings {
  /** Origins that are asked first for images of Docker Hub. */
  readonly mirrors: readonly string[];
  /** `HOST[:PORT]`: these may speak plain HTTP. */
  readonly insecure: readonly string[];
}

/** Where Docker's administrators write `registry-mirrors` and `insecure-registries`; our own file comes first. */
const FILES = ['/etc/mydocker/daemon.json', '/etc/docker/daemon.json'];

/** `registry-mirrors` and `insecure-registries` of `MYDOCKER_DAEMON_JSON`, else of the first file that is there. */
export function readRegistrySettings(env: Readonly<Record<string, string | undefined>> = process.env): RegistrySettings {
  const own = env['MYDOCKER_DAEMON_JSON'];
  for (const path of own === undefined || own === '' ? FILES : [own]) {
    const text = textOf(path);
    if (text !== undefined) return settingsOf(text, path);
  }
  return { mirrors: [], insecure: [] };
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return undefined;
    throw new MydockerError('host', `cannot read ${path}`, { cause: error });
  }
}

function settingsOf(text: string, path: string): RegistrySettings {
  let value: unknown;
  try {
    value = text.trim() === '' ? {} : JSON.parse(text);
  } catch (error) {
    throw new MydockerError('invalid', `${path} is not JSON`, { cause: error });
  }
  const strings = (key: string): readonly string[] => {
    const list = (value as Readonly<Record<string, unknown>> | null)?.[key] ?? [];
    if (Array.isArray(list) && list.every((one) => typeof one === 'string')) return list;
    throw new MydockerError('invalid', `${key} is not a list of texts`, { resource: path });
  };
  return { mirrors: strings('registry-mirrors').map((one) => one.replace(/\/+$/, '')), insecure: strings('insecure-registries') };
}
