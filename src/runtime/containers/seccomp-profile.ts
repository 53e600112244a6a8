import { MydockerError } from '../../errors.ts';
import type { Fields } from '../core/frame.ts';

/** A profile in Docker's JSON format. */
export interface SeccompProfile {
  readonly defaultAction: string;
  readonly defaultErrnoRet?: number;
  readonly architectures?: readonly string[];
  readonly archMap?: readonly { readonly architecture: string; readonly subArchitectures?: readonly string[] | null }[];
  readonly syscalls?: readonly SeccompRule[] | null;
}
export interface SeccompRule {
  readonly names?: readonly string[];
  /** The older form of `names`. */
  readonly name?: string;
  readonly action: string;
  readonly errnoRet?: number;
  readonly args?: readonly SeccompArgument[] | null;
  readonly includes?: SeccompCondition | null;
  readonly excludes?: SeccompCondition | null;
}
export interface SeccompArgument {
  readonly index: number;
  readonly value: number;
  readonly valueTwo?: number;
  readonly op: string;
}
export interface SeccompCondition {
  readonly caps?: readonly string[] | null;
  readonly arches?: readonly string[] | null;
  readonly minKernel?: string;
}

export interface SeccompFacts {
  /** As Go names it: `amd64`, `arm64`. */
  readonly arch: string;
  /** `6.18.44-…`. */
  readonly kernel: string;
  /** Without `CAP_`. */
  readonly capabilities: readonly string[];
}

const ARCH_NAMES: Readonly<Record<string, string>> = {
  amd64: 'SCMP_ARCH_X86_64',
  arm64: 'SCMP_ARCH_AARCH64',
  riscv64: 'SCMP_ARCH_RISCV64',
  s390x: 'SCMP_ARCH_S390X',
  ppc64le: 'SCMP_ARCH_PPC64LE',
};

/** The keys of op `seccomp`, without `output`. Conditions are settled here; the core sees plain rules. */
export function seccompFields(profile: SeccompProfile, facts: SeccompFacts): Fields {
  const fields: (readonly [string, string])[] = [['default', actionOf(profile.defaultAction, profile.defaultErrnoRet)]];
  for (const arch of architecturesOf(profile, facts.arch)) fields.push(['arch', arch]);
  for (const rule of profile.syscalls ?? []) {
    if (!applies(rule, facts)) continue;
    const names = rule.names ?? (rule.name === undefined ? [] : [rule.name]);
    // What equals the default needs no rule; libseccomp even refuses it.
    const action = actionOf(rule.action, rule.errnoRet);
    if (names.length === 0 || action === fields[0]?.[1]) continue;
    fields.push(['rule', [action, ...names].join(' ')]);
    for (const argument of rule.args ?? []) fields.push(['rule.arg', argumentText(argument)]);
  }
  return fields;
}

function applies({ includes, excludes }: SeccompRule, facts: SeccompFacts): boolean {
  const held = (name: string): boolean => facts.capabilities.includes(name.replace(/^CAP_/, ''));
  if (includes?.arches != null && includes.arches.length > 0 && !includes.arches.includes(facts.arch)) return false;
  if (includes?.caps != null && !includes.caps.every(held)) return false;
  if (includes?.minKernel !== undefined && !isAtLeast(facts.kernel, includes.minKernel)) return false;
  if (excludes?.arches?.includes(facts.arch) === true) return false;
  if (excludes?.caps?.some(held) === true) return false;
  return excludes?.minKernel === undefined || !isAtLeast(facts.kernel, excludes.minKernel);
}

function isAtLeast(kernel: string, wanted: string): boolean {
  const [major = 0, minor = 0] = kernel.split('.').map((part) => Number.parseInt(part, 10));
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map((part) => Number.parseInt(part, 10));
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

function architecturesOf({ architectures, archMap }: SeccompProfile, arch: string): string[] {
  const names = architectures ?? [];
  const own = ARCH_NAMES[arch];
  const mapped = (archMap ?? []).find(({ architecture }) => architecture === own);
  const all = mapped === undefined ? names : [mapped.architecture, ...(mapped.subArchitectures ?? [])];
  return all.map((name) => name.replace(/^SCMP_ARCH_/, '').toLowerCase());
}

const EPERM = 1;

function actionOf(action: string, errno = EPERM): string {
  switch (action) {
    case 'SCMP_ACT_ALLOW':
      return 'allow';
    case 'SCMP_ACT_ERRNO':
      return `errno:${String(errno)}`;
    case 'SCMP_ACT_KILL':
    case 'SCMP_ACT_KILL_THREAD':
    case 'SCMP_ACT_KILL_PROCESS':
      return 'kill';
    case 'SCMP_ACT_TRAP':
      return 'trap';
    case 'SCMP_ACT_LOG':
      return 'log';
    default:
      throw new MydockerError('unsupported', `seccomp profile: action ${JSON.stringify(action)} is not supported`);
  }
}

function argumentText({ index, value, valueTwo, op }: SeccompArgument): string {
  const name = op.replace(/^SCMP_CMP_/, '').toLowerCase();
  return [index, name, value, ...(name === 'masked_eq' ? [valueTwo ?? 0] : [])].join(' ');
}

/** Reads a profile a user wrote; its rules are checked when it is compiled. */
export function parseSeccompProfile(text: string): SeccompProfile {
  let profile: unknown;
  try {
    profile = JSON.parse(text);
  } catch (error) {
    throw new MydockerError('invalid', 'the seccomp profile is not JSON', { cause: error });
  }
  if (typeof profile !== 'object' || profile === null || !('defaultAction' in profile)) {
    throw new MydockerError('invalid', 'the seccomp profile has no defaultAction');
  }
  return profile as SeccompProfile;
}
