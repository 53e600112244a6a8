import { MydockerError } from '../errors.ts';
import { readDockerConfig } from './images/registry/docker-config.ts';

/** Setting -> variable, as Docker's client configuration has them. */
const SETTINGS = [
  ['httpProxy', 'HTTP_PROXY'],
  ['httpsProxy', 'HTTPS_PROXY'],
  ['ftpProxy', 'FTP_PROXY'],
  ['noProxy', 'NO_PROXY'],
  ['allProxy', 'ALL_PROXY'],
] as const;

/**
 * The variables, in upper and in lower case, that `proxies.default` of `~/.docker/config.json` gives to new containers and
 * builds. A file that cannot be read is told and gives none.
 */
export function proxyVariables(
  warn: (message: string) => void,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Readonly<Record<string, string>> {
  const settings = defaultProxies(warn, env);
  return Object.fromEntries(
    SETTINGS.flatMap(([setting, name]) => {
      const value = settings[setting];
      return typeof value !== 'string' || value === '' ? [] : [name, name.toLowerCase()].map((variable) => [variable, value] as const);
    }),
  );
}

function defaultProxies(
  warn: (message: string) => void,
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, unknown>> {
  try {
    const { proxies } = readDockerConfig(env) as {
      readonly proxies?: { readonly default?: Readonly<Record<string, unknown>> | null } | null;
    };
    return proxies?.default ?? {};
  } catch (error) {
    if (!(error instanceof MydockerError)) throw error;
    warn(`${error.message}: no proxies are set in containers`);
    return {};
  }
}
