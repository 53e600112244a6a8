import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** `Basic …` for a registry from Docker's own `config.json` (`auths`), where `docker login` put it; undefined when there is none. */
export function findCredentials(domain: string, env: Readonly<Record<string, string | undefined>> = process.env): string | undefined {
  const folder = env['DOCKER_CONFIG'] ?? join(homedir(), '.docker');
  let auths: Readonly<Record<string, { readonly auth?: string; readonly username?: string; readonly password?: string }>>;
  try {
    auths = (JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as { auths?: typeof auths }).auths ?? {};
  } catch {
    return undefined;
  }
  const keys = domain === 'docker.io' ? ['https://index.docker.io/v1/', 'docker.io', 'index.docker.io'] : [domain, `https://${domain}`];
  for (const key of keys) {
    const entry = auths[key] ?? auths[`${key}/`];
    if (entry?.auth !== undefined && entry.auth !== '') return `Basic ${entry.auth}`;
    if (entry?.username !== undefined) return `Basic ${Buffer.from(`${entry.username}:${entry.password ?? ''}`).toString('base64')}`;
  }
  return undefined;
}
