import { existsSync, renameSync } from 'node:fs';
import { arch, release } from 'node:os';
import { join } from 'node:path';
import type { ContainerConfig } from '../../model/container.ts';
import type { RuntimeContext } from '../context.ts';
import { newId } from '../store/ids.ts';
import { capabilitiesOf, maskOf } from './capabilities.ts';
import { parseSeccompProfile, seccompFields, type SeccompFacts, type SeccompProfile } from './seccomp-profile.ts';
import { sha256 } from '../../util/sha256.ts';

/** Of the default profile and of what is made of it; a test tells the value to write here when either has changed. */
export const DEFAULT_PROFILE_SUM = '95a5f818a5b960eb';

const GO_ARCH: Readonly<Record<string, string>> = { x64: 'amd64', ppc64: 'ppc64le' };

type Secured = Pick<ContainerConfig, 'security'>;

/** The compiled filters: kept in files, each compiled once for each set of rules. */
export class SeccompFilters {
  readonly #context: Pick<RuntimeContext, 'roots' | 'core'>;
  /** By what the rules depend on, so that one command works them out once. */
  readonly #files = new Map<string, Promise<string>>();

  constructor(context: Pick<RuntimeContext, 'roots' | 'core'>) {
    this.#context = context;
  }

  /** Path of the filter for a container; undefined for none. */
  async file({ security }: Secured): Promise<string | undefined> {
    if (security.seccomp === 'unconfined' || (security.privileged && security.seccomp === 'default')) return undefined;
    const capabilities = capabilitiesOf(security);
    const key = JSON.stringify([security.seccomp, capabilities]);
    const known = this.#files.get(key) ?? this.#compile(security.seccomp, capabilities);
    this.#files.set(key, known);
    return known;
  }

  async #compile(seccomp: string, capabilities: readonly string[]): Promise<string> {
    const { roots, core } = this.#context;
    const facts = { arch: GO_ARCH[arch()] ?? arch(), kernel: release(), capabilities };
    const known = seccomp === 'default' ? join(roots.data, 'seccomp', `${defaultName(facts)}.bpf`) : undefined;
    if (known !== undefined && existsSync(known)) return known;
    const fields = seccompFields(await profileOf(seccomp), facts);
    const path = known ?? join(roots.data, 'seccomp', `${sha256(JSON.stringify(fields)).slice(0, 32)}.bpf`);
    if (existsSync(path)) return path;
    const unfinished = join(roots.data, 'tmp', `${newId()}.bpf`);
    await core.request('seccomp', [['output', unfinished], ...fields]);
    renameSync(unfinished, path);
    return path;
  }
}

/** All that the filter of the default profile depends on, so that its rules need not be looked at to find it. */
function defaultName({ arch, kernel, capabilities }: SeccompFacts): string {
  const [major, minor] = kernel.split('.');
  return ['default', DEFAULT_PROFILE_SUM, arch, `${major ?? ''}.${minor ?? ''}`, maskOf(capabilities)].join('-');
}

async function profileOf(seccomp: string): Promise<SeccompProfile> {
  if (seccomp !== 'default') return parseSeccompProfile(seccomp);
  const { defaultSeccompProfile } = await import('./default-seccomp-profile.ts');
  return defaultSeccompProfile;
}
