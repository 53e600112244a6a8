import { readDockerConfig, serverKey, writeDockerConfig, type AuthEntry, type DockerConfig } from './docker-config.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** A login: name and password, or a token that stands for both. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
  /** Exchanged for tokens at the registry's token server. */
  readonly identityToken?: string;
}

/** The user name under which helpers keep identity tokens. */
const TOKEN_USER = '<token>';

/** The login for the registry of a domain, where `docker login` or `mydocker login` put it; undefined when there is none. */
export async function findCredentials(domain: string, env: Environment = process.env): Promise<Credentials | undefined> {
  const config = readDockerConfig(env);
  const helper = helperOf(config, domain);
  if (helper !== undefined) {
    const { helperGet } = await import('./credential-helper.ts');
    const found = await helperGet(helper, serverKey(domain));
    if (found !== undefined) {
      return found.Username === TOKEN_USER
        ? { username: '', password: '', identityToken: found.Secret }
        : { username: found.Username, password: found.Secret };
    }
  }
  return namesOf(domain)
    .map((name) => config.auths?.[name] ?? config.auths?.[`${name}/`])
    .map((entry) => (entry === undefined ? undefined : loginOf(entry)))
    .find((login) => login !== undefined);
}

/** Puts the login where the file says: into a helper, else into the file itself. Returns where it is, for people to read. */
export async function storeCredentials(domain: string, login: Credentials, env: Environment = process.env): Promise<string> {
  const config = readDockerConfig(env);
  const helper = helperOf(config, domain);
  const key = serverKey(domain);
  if (helper !== undefined) {
    const { helperStore } = await import('./credential-helper.ts');
    const { username, password, identityToken } = login;
    await helperStore(
      helper,
      key,
      identityToken === undefined ? { Username: username, Secret: password } : { Username: TOKEN_USER, Secret: identityToken },
    );
    await writeDockerConfig({ ...config, auths: { ...config.auths, [key]: {} } }, env);
    return `docker-credential-${helper}`;
  }
  return writeDockerConfig({ ...config, auths: { ...config.auths, [key]: entryOf(login) } }, env);
}

/** Forgets the login; false when there was none. */
export async function eraseCredentials(domain: string, env: Environment = process.env): Promise<boolean> {
  const config = readDockerConfig(env);
  const helper = helperOf(config, domain);
  let known = false;
  if (helper !== undefined) {
    const { helperErase } = await import('./credential-helper.ts');
    known = await helperErase(helper, serverKey(domain));
  }
  const names = namesOf(domain).flatMap((name) => [name, `${name}/`]);
  const rest = Object.entries(config.auths ?? {}).filter(([name]) => !names.includes(name));
  if (rest.length === Object.keys(config.auths ?? {}).length) return known;
  await writeDockerConfig({ ...config, auths: Object.fromEntries(rest) }, env);
  return true;
}

function helperOf({ credHelpers, credsStore }: DockerConfig, domain: string): string | undefined {
  const name = credHelpers?.[serverKey(domain)] ?? credHelpers?.[domain] ?? credsStore;
  return name === '' ? undefined : name;
}

function namesOf(domain: string): readonly string[] {
  return domain === 'docker.io'
    ? ['https://index.docker.io/v1/', 'docker.io', 'index.docker.io']
    : [domain, `https://${domain}`, `http://${domain}`, `https://${domain}/v1`, `https://${domain}/v2`];
}

function loginOf({ auth, username, password, identitytoken }: AuthEntry): Credentials | undefined {
  const token = identitytoken === undefined || identitytoken === '' ? {} : { identityToken: identitytoken };
  if (auth !== undefined && auth !== '') {
    const [, name = '', secret = ''] = /^([^:]*):?([^]*)$/.exec(Buffer.from(auth, 'base64').toString().replace(/\0+$/, '')) ?? [];
    return { username: name, password: secret, ...token };
  }
  if (username !== undefined) return { username, password: password ?? '', ...token };
  return 'identityToken' in token ? { username: '', password: '', ...token } : undefined;
}

function entryOf({ username, password, identityToken }: Credentials): AuthEntry {
  const auth = Buffer.from(`${username}:${identityToken === undefined ? password : ''}`).toString('base64');
  return { auth, ...(identityToken === undefined ? {} : { identitytoken: identityToken }) };
}
