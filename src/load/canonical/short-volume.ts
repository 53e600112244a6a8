import { posix } from 'node:path';

export interface ShortVolume {
  type: 'bind' | 'volume';
  source?: string;
  target: string;
  read_only?: true;
  nocopy?: true;
  propagation?: string;
  selinux?: string;
  /** So short that Docker Compose does not look into it. */
  bare?: true;
}

const PROPAGATIONS = new Set(['rprivate', 'private', 'rshared', 'shared', 'rslave', 'slave']);

/** `[SOURCE:]TARGET[:OPTIONS]`. A source that looks like a path makes a bind mount. */
export function parseVolume(spec: string): { volume?: ShortVolume; error?: string } {
  if (spec === '') return { error: 'invalid empty volume spec' };
  if (spec.length <= 2) return { volume: { type: 'volume', target: spec, bare: true } };
  const sections = splitSections(spec);
  if (sections.includes('')) return { error: `invalid spec: ${spec}: empty section between colons` };
  if (sections.length > 3) return { error: `invalid spec: ${spec}: too many colons` };
  const [first = '', second, options] = sections;
  if (second === undefined) return { volume: { type: 'volume', target: first } };
  const volume: ShortVolume = { type: isPath(first) ? 'bind' : 'volume', source: first, target: second };
  for (const option of options?.split(',') ?? []) {
    if (option === 'ro') volume.read_only = true;
    else if (option === 'nocopy') volume.nocopy = true;
    else if (option === 'z' || option === 'Z') volume.selinux = option;
    else if (PROPAGATIONS.has(option)) volume.propagation = option;
  }
  return { volume };
}

/** Colons inside `${…}` and after a drive letter do not separate. */
function splitSections(spec: string): string[] {
  const sections: string[] = [];
  let current = '';
  let depth = 0;
  for (let at = 0; at < spec.length; at += 1) {
    const char = spec.charAt(at);
    if (char === '$' && spec.charAt(at + 1) === '{') depth += 1;
    else if (char === '}' && depth > 0) depth -= 1;
    if (char === ':' && depth === 0 && !/^[A-Za-z]$/.test(current)) {
      sections.push(current);
      current = '';
    } else current += char;
  }
  return [...sections, current];
}

function isPath(source: string): boolean {
  return /^[./~]/.test(source) || source.startsWith('\\\\') || /^\p{L}:/u.test(source);
}

/** As Go's path.Clean: no trailing slash, no `.` or `..` that can be resolved. */
export function cleanPath(path: string): string {
  if (path === '') return '.';
  const clean = posix.normalize(path);
  return clean.length > 1 && clean.endsWith('/') ? clean.slice(0, -1) : clean;
}
