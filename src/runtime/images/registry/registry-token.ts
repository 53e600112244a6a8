import type { Challenge } from './challenge.ts';
import type { Credentials } from './credentials.ts';

export interface TokenWish {
  /** Of the registry: a realm may be relative to it. */
  readonly origin: string;
  /** Empty asks for a token that only proves the login. */
  readonly scope: string;
  readonly credentials: Credentials | undefined;
  /** Ask for an identity token as well, to be kept in place of the password. */
  readonly offline?: boolean;
}
export type TokenAnswer = { readonly token: string; readonly identityToken?: string } | { readonly refused: Response };

const CLIENT = 'mydocker';

/** A token from the server that the challenge names (distribution spec, token authentication). Rejects when it cannot be reached. */
export async function fetchToken({ parameters }: Challenge, wish: TokenWish): Promise<TokenAnswer> {
  const { realm = '', service } = parameters;
  const url = new URL(realm, wish.origin);
  const { credentials } = wish;
  const response =
    credentials?.identityToken === undefined
      ? await askByLogin(url, service, wish)
      : await askByIdentity(url, service, credentials.identityToken, wish.scope);
  if (!response.ok) return { refused: response };
  const answer = (await response.json()) as { token?: string; access_token?: string; refresh_token?: string };
  const identity = answer.refresh_token === undefined || answer.refresh_token === '' ? {} : { identityToken: answer.refresh_token };
  return { token: answer.token ?? answer.access_token ?? '', ...identity };
}

function askByLogin(url: URL, service: string | undefined, { scope, credentials, offline = false }: TokenWish): Promise<Response> {
  if (service !== undefined) url.searchParams.set('service', service);
  if (scope !== '') url.searchParams.set('scope', scope);
  if (credentials !== undefined) url.searchParams.set('account', credentials.username);
  if (offline) {
    url.searchParams.set('offline_token', 'true');
    url.searchParams.set('client_id', CLIENT);
  }
  return fetch(url, credentials === undefined ? {} : { headers: { Authorization: basicAuthorization(credentials) } });
}

function askByIdentity(url: URL, service: string | undefined, token: string, scope: string): Promise<Response> {
  const form = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: token, client_id: CLIENT, service: service ?? '' });
  if (scope !== '') form.set('scope', scope);
  return fetch(url, { method: 'POST', body: form });
}

export function basicAuthorization({ username, password }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
