import { MydockerError } from '../../../errors.ts';
import { parseChallenge } from './challenge.ts';
import type { Credentials } from './credentials.ts';
import { originsOf } from './registry-client.ts';
import { basicAuthorization, fetchToken } from './registry-token.ts';
import { readRegistrySettings } from './registry-settings.ts';

/** Has the registry check a login; returns what is to be kept of it: an identity token where the registry gives one. */
export async function verifyLogin(domain: string, credentials: Credentials): Promise<Credentials> {
  const { origin, response } = await askBase(domain);
  if (response.ok) return credentials; // it wants no login
  const challenge = parseChallenge(response.headers.get('www-authenticate') ?? '');
  if (challenge?.scheme === 'basic') {
    const second = await reach(domain, `${origin}/v2/`, { headers: { Authorization: basicAuthorization(credentials) } });
    if (second.ok) return credentials;
    throw await refusal(domain, second);
  }
  if (challenge?.scheme !== 'bearer') throw await refusal(domain, response);
  const answer = await fetchToken(challenge, { origin, scope: '', credentials, offline: true }).catch((error: unknown) => {
    throw unreachable(domain, error);
  });
  if ('refused' in answer) throw await refusal(domain, answer.refused);
  const check = await reach(domain, `${origin}/v2/`, { headers: { Authorization: `Bearer ${answer.token}` } });
  if (!check.ok) throw await refusal(domain, check);
  return answer.identityToken === undefined ? credentials : { ...credentials, identityToken: answer.identityToken };
}

async function askBase(domain: string): Promise<{ readonly origin: string; readonly response: Response }> {
  const origins = originsOf(domain, readRegistrySettings(), true);
  let last: unknown;
  for (const origin of origins) {
    try {
      return { origin, response: await fetch(`${origin}/v2/`) };
    } catch (error) {
      last = error;
    }
  }
  throw unreachable(domain, last);
}

async function reach(domain: string, url: string, init: RequestInit): Promise<Response> {
  return fetch(url, init).catch((error: unknown) => {
    throw unreachable(domain, error);
  });
}

function unreachable(domain: string, cause: unknown): MydockerError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new MydockerError('host', `cannot reach the registry ${domain}: ${reason}`, { cause, hint: 'Check the network and the name.' });
}

async function refusal(domain: string, response: Response): Promise<MydockerError> {
  await response.body?.cancel();
  if (response.status === 401 || response.status === 403) {
    return new MydockerError('host', 'unauthorized: incorrect username or password', { resource: `login at ${domain}` });
  }
  return new MydockerError('host', `the registry answers ${String(response.status)} to the login`, { resource: `login at ${domain}` });
}
