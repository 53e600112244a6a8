import { MydockerError } from '../../../errors.ts';
import { parseChallenge } from './challenge.ts';
import { findCredentials } from './credentials.ts';
import { fetchToken, basicAuthorization } from './registry-token.ts';
import { readRegistrySettings } from './registry-settings.ts';

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
  readonly #tokens = new Map<string, string>();
  #origin: string;
  /** Origins still to be tried when this one cannot be reached; a mirror also when it does not have the image. */
  #others: readonly string[];

  constructor(domain: string, repository: string, origins: readonly string[] = originsOf(domain)) {
    const [origin = `https://${domain}`, ...others] = origins;
    this.#domain = domain;
    this.#repository = repository;
    this.#origin = origin;
    this.#others = others;
  }

  /** `path` is below the repository (`manifests/latest`), or a whole URL that the registry itself gave. */
  async request(path: string, request: RegistryRequest = {}): Promise<Response> {
    const actions = request.actions ?? 'pull';
    const url = this.#urlOf(path);
    let response: Response;
    try {
      response = await this.#fetch(url, request, this.#tokens.get(actions));
    } catch (error) {
      if (this.#goOn(path)) return this.request(path, request);
      throw error;
    }
    if (response.status === 401) {
      const authorization = await this.#authorize(response, actions);
      if (authorization !== undefined) {
        this.#tokens.set(actions, authorization);
        response = await this.#fetch(url, request, authorization);
      }
    }
    if (response.ok || (request.accept ?? []).includes(response.status)) return response;
    // Only of a mirror: what a registry itself refuses is not asked for again in plain text.
    if (this.#domain === 'docker.io' && this.#goOn(path)) {
      await response.body?.cancel();
      return this.request(path, request);
    }
    throw await this.#failure(response, path);
  }

  #urlOf(path: string): string {
    if (/^https?:/.test(path)) return path;
    return path.startsWith('/') ? this.#origin + path : `${this.#origin}/v2/${this.#repository}/${path}`;
  }

  /** Turns to the next origin, where there is one and the request is not bound to this one. */
  #goOn(path: string): boolean {
    const [next, ...others] = this.#others;
    if (next === undefined || /^https?:/.test(path)) return false;
    this.#origin = next;
    this.#others = others;
    this.#tokens.clear();
    return true;
  }

  async #fetch(url: string, { method = 'GET', headers = {}, body }: RegistryRequest, authorization: string | undefined): Promise<Response> {
    const isOurs = url.startsWith(`${this.#origin}/`);
    const all = { ...headers, ...(authorization === undefined || !isOurs ? {} : { Authorization: authorization }) };
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
    const credentials = await findCredentials(domainOf(this.#origin, this.#domain));
    if (challenge?.scheme === 'basic') return credentials === undefined ? undefined : basicAuthorization(credentials);
    if (challenge?.scheme !== 'bearer') return undefined;
    const scope = `repository:${this.#repository}:${actions}`;
    const answer = await fetchToken(challenge, { origin: this.#origin, scope, credentials }).catch((error: unknown) => {
      throw this.#unreachable(error);
    });
    if ('token' in answer) return `Bearer ${answer.token}`;
    throw await this.#failure(answer.refused, answer.refused.url);
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
        hint: `Check the name, or log in: mydocker login${this.#domain === 'docker.io' ? '' : ` ${this.#domain}`}.`,
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

/** Where a registry is asked, first to last: mirrors of Docker Hub, then itself; an insecure one by plain HTTP where HTTPS fails. */
export function originsOf(domain: string, settings = readRegistrySettings(), isPush = false): readonly string[] {
  if (domain === 'docker.io') return [...(isPush ? [] : settings.mirrors), 'https://registry-1.docker.io'];
  if (isLoopback(domain)) return [`http://${domain}`];
  return settings.insecure.includes(domain) ? [`https://${domain}`, `http://${domain}`] : [`https://${domain}`];
}

/** Whose login an origin wants: a mirror its own. */
function domainOf(origin: string, domain: string): string {
  const host = origin.replace(/^https?:\/\//, '');
  return host === 'registry-1.docker.io' ? 'docker.io' : domain === 'docker.io' ? host : domain;
}

/** A registry on this machine speaks plain HTTP, as with Docker. */
function isLoopback(host: string): boolean {
  return /^(?:localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?$/.test(host);
}
