import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { arch, release } from 'node:os';
import { join } from 'node:path';
import type { ContainerConfig } from '../../model/container.ts';
import type { RuntimeContext } from '../context.ts';
import { newId } from '../store/ids.ts';
import { capabilitiesOf } from './capabilities.ts';
import { parseSeccompProfile, seccompFields, type SeccompProfile } from './seccomp-profile.ts';

const GO_ARCH: Readonly<Record<string, string>> = { x64: 'amd64', ppc64: 'ppc64le' };

/** Path of the compiled filter for a container; undefined for none. Compiled once for each set of rules. */
export async function seccompFile(context: RuntimeContext, { security }: Pick<ContainerConfig, 'security'>): Promise<string | undefined> {
  if (security.seccomp === 'unconfined' || (security.privileged && security.seccomp === 'default')) return undefined;
  const fields = seccompFields(await profileOf(security.seccomp), {
    arch: GO_ARCH[arch()] ?? arch(),
    kernel: release(),
    capabilities: capabilitiesOf(security),
  });
  const hash = createHash('sha256').update(JSON.stringify(fields)).digest('hex').slice(0, 32);
  const path = join(context.roots.data, 'seccomp', `${hash}.bpf`);
  if (existsSync(path)) return path;
  const unfinished = join(context.roots.data, 'tmp', `${newId()}.bpf`);
  await context.core.request('seccomp', [['output', unfinished], ...fields]);
  await rename(unfinished, path);
  return path;
}

async function profileOf(seccomp: string): Promise<SeccompProfile> {
  if (seccomp !== 'default') return parseSeccompProfile(seccomp);
  const { defaultSeccompProfile } = await import('./default-seccomp-profile.ts');
  return defaultSeccompProfile;
}
