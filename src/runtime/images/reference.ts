import { MydockerError } from '../../errors.ts';

/** An image name in full: `docker.io/library/busybox:latest`, by the grammar of Docker's reference package. */
export interface Reference {
  /** `docker.io`, `localhost:5000`. */
  readonly domain: string;
  /** `library/busybox`. */
  readonly path: string;
  readonly tag?: string;
  /** `sha256:…`. */
  readonly digest?: string;
}

const DEFAULT_DOMAIN = 'docker.io';
const OFFICIAL = 'library/';
const DOMAIN_COMPONENT = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const DOMAIN = new RegExp(`^(?:${DOMAIN_COMPONENT}(?:\\.${DOMAIN_COMPONENT})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$`);
const PATH = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;
const MAX_NAME = 255;

/** Parses what a person wrote; the tag stays absent when it was. Throws `invalid`. */
export function parseReference(text: string): Reference {
  if (text === '') throw invalid(text, 'it is empty');
  if (/^[0-9a-f]{64}$/.test(text)) throw invalid(text, '64 hex digits are an image id, not a name');
  const at = text.indexOf('@');
  const digest = at < 0 ? undefined : text.slice(at + 1);
  if (digest !== undefined && !DIGEST.test(digest)) throw invalid(text, `${JSON.stringify(digest)} is not a digest`);
  const named = at < 0 ? text : text.slice(0, at);
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1);
  const tag = colon < 0 ? undefined : named.slice(colon + 1);
  if (tag !== undefined && !TAG.test(tag)) throw invalid(text, `${JSON.stringify(tag)} is not a tag`);
  const { domain, path } = splitDomain(colon < 0 ? named : named.slice(0, colon));
  if (path !== path.toLowerCase()) throw invalid(text, `repository name (${path}) must be lowercase`);
  if (!DOMAIN.test(domain) || !PATH.test(path)) throw invalid(text, 'it is not [HOST[:PORT]/]NAME[:TAG][@DIGEST]');
  if (domain.length + 1 + path.length > MAX_NAME) throw invalid(text, `the name is longer than ${String(MAX_NAME)} characters`);
  return { domain, path, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) };
}

/** As `parseReference`, with `latest` where neither tag nor digest is given. */
export function parseTagged(text: string): Reference {
  const reference = parseReference(text);
  return reference.tag === undefined && reference.digest === undefined ? { ...reference, tag: 'latest' } : reference;
}

/** `docker.io/library/busybox:latest`. */
export function canonicalName({ domain, path, tag, digest }: Reference): string {
  return `${domain}/${path}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

/** As people write it: `busybox:latest`, `user/app:1`, `localhost:5000/app:1`. */
export function familiarName(reference: Reference): string {
  return canonicalName(reference)
    .replace(/^docker\.io\/library\/(?=[^/]*$)/, '')
    .replace(/^docker\.io\//, '');
}

/** The repository alone, familiar: `busybox`. */
export function familiarRepository({ domain, path }: Reference): string {
  return familiarName({ domain, path });
}

function splitDomain(name: string): { domain: string; path: string } {
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  const hasDomain = slash >= 0 && (/[.:[]/.test(first) || first === 'localhost' || first !== first.toLowerCase());
  const domain = hasDomain ? first.replace(/^index\.docker\.io$/, DEFAULT_DOMAIN) : DEFAULT_DOMAIN;
  const path = hasDomain ? name.slice(slash + 1) : name;
  return { domain, path: domain === DEFAULT_DOMAIN && !path.includes('/') ? OFFICIAL + path : path };
}

function invalid(text: string, reason: string): MydockerError {
  return new MydockerError('invalid', `invalid reference format: ${reason}`, { resource: `image ${JSON.stringify(text)}` });
}
