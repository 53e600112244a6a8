import { existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { arch, release } from 'node:os';
import { join } from 'node:path';
import type { ContainerConfig } from '../../model/container.ts';
import type { RuntimeContext } from '../context.ts';
import { newId } from '../store/ids.ts';
import { capabilitiesOf } from './capabilities.ts';
import { parseSeccompProfile, seccompFields, type SeccompProfile } from './seccomp-profile.ts';
import { sha256 } from '../../util/sha256.ts';

const GO_ARCH: Readonly<Record<string, string>> = { x64: 'amd64', ppc64: 'ppc64le' };

type Secured = Pick<ContainerConfig, 'security'>;

/** The compiled filters: kept in files, each compiled once for each set of rules. */
export class SeccompFilters {
  readonly #context: RuntimeContext;
  /** By what the rules depend on, so that one command works them out once. */
  readonly #files = new Map<string, Promise<string>>();

  constructor(context: RuntimeContext) {
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
    const fields = seccompFields(await profileOf(seccomp), facts);
    const hash = sha256(JSON.stringify(fields)).slice(0, 32);
    const path = join(roots.data, 'seccomp', `${hash}.bpf`);
    if (existsSync(path)) return path;
    const unfinished = join(roots.data, 'tmp', `${newId()}.bpf`);
    await core.request('seccomp', [['output', unfinished], ...fields]);
    await rename(unfinished, path);
    return path;
  }
}

async function profileOf(seccomp: string): Promise<SeccompProfile> {
  if (seccomp !== 'default') return parseSeccompProfile(seccomp);
  const { defaultSeccompProfile } = await import('./default-seccomp-profile.ts');
  return defaultSeccompProfile;
}
