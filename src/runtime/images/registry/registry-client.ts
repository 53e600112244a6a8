import { MydockerError } from '../../../errors.ts';
import { parseChallenge, type Challenge } from './challenge.ts';
import { findCredentials } from './credentials.ts';

export interface RegistryRequest {
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: RequestInit['body'];
  /** What the request does in the repository, for the token: `pull` by default. */
  readonly actions?: 'pull' | 'pull,push';
  /** Statuses that are no error. */
  readonly accept?: readonly number[];
}

const ATTEMPTS = 4;

/** Speaks the OCI distribution protocol with one repository of one registry: tokens, retries, errors with words. */
export class RegistryClient {
  readonly #domain: string;
  readonly #repository: string;
  readonly #origin: string;
  readonly #tokens = new Map<string, string>();

  constructor(domain: string, repository: string) {
    this.#domain = domain;
    this.#repository = repository;
    const host = domain === 'docker.io' ? 'registry-1.docker.io' : domain;
    this.#origin = `${isLoopback(host) ? 'http' : 'https'}://${host}`;
  }

  /** `path` is below the repository (`manifests/latest`), or a whole URL that the registry itself gave. */
  async request(path: string, request: RegistryRequest = {}): Promise<Response> {
    const url = /^https?:/.test(path)
      ? path
      : path.startsWith('/')
        ? this.#origin + path
        : `${this.#origin}/v2/${this.#repository}/${path}`;
    const actions = request.actions ?? 'pull';
    let response = await this.#fetch(url, request, this.#tokens.get(actions));
    if (response.status === 401) {
      const authorization = await this.#authorize(response, actions);
      if (authorization !== undefined) {
        this.#tokens.set(actions, authorization);
        response = await this.#fetch(url, request, authorization);
      }
    }
    if (response.ok || (request.accept ?? []).includes(response.status)) return response;
    throw await this.#failure(response, path);
  }

  async #fetch(url: string, { method = 'GET', headers = {}, body }: RegistryRequest, authorization: string | undefined): Promise<Response> {
    const all = { ...headers, ...(authorization === undefined || !url.startsWith(this.#origin) ? {} : { Authorization: authorization }) };
    // A stream can be sent only once.
    const attempts = body === undefined || body === null || typeof body === 'string' || body instanceof Uint8Array ? ATTEMPTS : 1;
    for (let attempt = 1; ; attempt++) {
      try {
        const response = await fetch(url, {
          method,
          headers: all,
          ...(body === undefined || body === null ? {} : { body, duplex: 'half' }),
        });
        if (attempt >= attempts || !(response.status === 429 || response.status >= 500)) return response;
        await response.body?.cancel();
      } catch (error) {
        if (attempt >= attempts || !isPassing(error)) throw this.#unreachable(error);
      }
      await new Promise((resolve) => setTimeout(resolve, 250 * 2 ** attempt));
    }
  }

  async #authorize(response: Response, actions: string): Promise<string | undefined> {
    const challenge = parseChallenge(response.headers.get('www-authenticate') ?? '');
    await response.body?.cancel();
    const credentials = findCredentials(this.#domain);
    if (challenge?.scheme === 'basic') return credentials;
    return challenge?.scheme === 'bearer' ? this.#token(challenge, actions, credentials) : undefined;
  }

  async #token({ parameters }: Challenge, actions: string, credentials: string | undefined): Promise<string> {
    const { realm = '', service } = parameters;
    const url = new URL(realm, this.#origin);
    if (service !== undefined) url.searchParams.set('service', service);
    url.searchParams.set('scope', `repository:${this.#repository}:${actions}`);
    const response = await this.#fetchToken(url, credentials);
    const { token, access_token: accessToken } = (await response.json()) as { token?: string; access_token?: string };
    return `Bearer ${token ?? accessToken ?? ''}`;
  }

  async #fetchToken(url: URL, credentials: string | undefined): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(url, credentials === undefined ? {} : { headers: { Authorization: credentials } });
    } catch (error) {
      throw this.#unreachable(error);
    }
    if (response.ok) return response;
    throw await this.#failure(response, url.href);
  }

  #unreachable(error: unknown): MydockerError {
    const reason = error instanceof Error ? error.message : String(error);
    return new MydockerError('host', `cannot reach the registry ${this.#domain}: ${reason}`, {
      resource: `image ${this.#domain}/${this.#repository}`,
      cause: error,
      hint: 'Check the network and the name; an image that is here already needs no registry.',
    });
  }

  async #failure(response: Response, path: string): Promise<MydockerError> {
    const text = await response.text().catch(() => '');
    const resource = `image ${this.#domain}/${this.#repository}`;
    if (response.status === 401 || response.status === 403) {
      return new MydockerError('host', 'the registry denies access: the repository does not exist or needs a login', {
        resource,
        hint: 'Check the name; credentials are read from ~/.docker/config.json.',
      });
    }
    if (response.status === 404) return new MydockerError('not-found', `the registry has no ${path}`, { resource });
    return new MydockerError('host', `the registry answers ${String(response.status)} to ${path}${messageOf(text)}`, { resource });
  }
}

function messageOf(text: string): string {
  try {
    const { errors } = JSON.parse(text) as { errors?: readonly { code?: string; message?: string }[] };
    return (errors ?? []).map(({ code, message }) => `: ${message ?? code ?? ''}`).join('');
  } catch {
    return '';
  }
}

/** A connection that broke may come back at once; a name that is not found, or a refusal, does not. */
function isPassing(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown };
  return ['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'UND_ERR_SOCKET', 'ConnectionClosed'].includes(String(code));
}

/** A registry on this machine speaks plain HTTP, as with Docker. */
function isLoopback(host: string): boolean {
  return /^(?:localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?$/.test(host);
}
