import { expect, test } from 'bun:test';
import { capabilitiesOf } from '../../../../src/runtime/containers/capabilities.ts';
import { defaultSeccompProfile } from '../../../../src/runtime/containers/default-seccomp-profile.ts';
import { DEFAULT_PROFILE_SUM } from '../../../../src/runtime/containers/seccomp-cache.ts';
import { parseSeccompProfile, seccompFields, type SeccompProfile } from '../../../../src/runtime/containers/seccomp-profile.ts';
import { sum64 } from '../../../../src/util/sum64.ts';

const facts = { arch: 'amd64', kernel: '6.1.0-13-amd64', capabilities: [] as string[] };

/** What the filter does to a call: the actions of the rules that name it. */
function rulesFor(call: string, given: Partial<typeof facts> = {}): readonly string[] {
  const fields = seccompFields(defaultSeccompProfile, { ...facts, ...given });
  return fields.flatMap(([key, value], index) => {
    const [action = '', ...names] = value.split(' ');
    if (key !== 'rule' || !names.includes(call)) return [];
    const args = [];
    for (let next = index + 1; fields[next]?.[0] === 'rule.arg'; next += 1) args.push(fields[next]?.[1]);
    return [[action, ...args].join(' ')];
  });
}

test('what is not named fails with EPERM', () => {
  expect(seccompFields(defaultSeccompProfile, facts)[0]).toEqual(['default', 'errno:1']);
  for (const call of ['kexec_load', 'add_key', 'mount', 'setns', 'io_uring_setup', 'userfaultfd', 'reboot'])
    expect(rulesFor(call)).toEqual([]);
});

test('what programs need is allowed', () => {
  for (const call of ['read', 'execve', 'futex', 'openat2', 'rseq', 'landlock_restrict_self']) expect(rulesFor(call)).toEqual(['allow']);
});

test('a capability brings the calls it is meant for', () => {
  expect(rulesFor('mount', { capabilities: ['SYS_ADMIN'] })).toEqual(['allow']);
  expect(rulesFor('reboot', { capabilities: ['SYS_BOOT'] })).toEqual(['allow']);
  expect(rulesFor('chroot', { capabilities: ['SYS_CHROOT'] })).toEqual(['allow']);
});

test('clone may not make namespaces, clone3 looks missing, unless the capability is there', () => {
  expect(rulesFor('clone')).toEqual(['allow 0 masked_eq 2114060288 0']);
  expect(rulesFor('clone', { arch: 's390x' })).toEqual(['allow 1 masked_eq 2114060288 0']);
  expect(rulesFor('clone3')).toEqual(['errno:38']);
  expect(rulesFor('clone', { capabilities: ['SYS_ADMIN'] })).toEqual(['allow']);
  expect(rulesFor('clone3', { capabilities: ['SYS_ADMIN'] })).toEqual(['allow']);
});

test('sockets but for AF_VSOCK, ptrace from Linux 4.8 on', () => {
  expect(rulesFor('socket')).toEqual(['allow 0 ne 40']);
  expect(rulesFor('ptrace')).toEqual(['allow']);
  expect(rulesFor('ptrace', { kernel: '4.4.0' })).toEqual([]);
});

test('architectures come with those they can run', () => {
  const arches = (arch: string): string[] =>
    seccompFields(defaultSeccompProfile, { ...facts, arch })
      .filter(([key]) => key === 'arch')
      .map(([, value]) => value);
  expect(arches('amd64')).toEqual(['x86_64', 'x86', 'x32']);
  expect(arches('arm64')).toEqual(['aarch64', 'arm']);
});

test("a user's profile: names, old single name, arguments, and no rule that repeats the default", () => {
  const profile: SeccompProfile = {
    defaultAction: 'SCMP_ACT_ALLOW',
    architectures: ['SCMP_ARCH_X86_64'],
    syscalls: [
      { name: 'mkdir', action: 'SCMP_ACT_ERRNO' },
      { names: ['chmod', 'fchmod'], action: 'SCMP_ACT_ERRNO', errnoRet: 13, args: [{ index: 1, value: 511, op: 'SCMP_CMP_EQ' }] },
      { names: ['read'], action: 'SCMP_ACT_ALLOW' },
    ],
  };
  expect(seccompFields(profile, facts)).toEqual([
    ['default', 'allow'],
    ['arch', 'x86_64'],
    ['rule', 'errno:1 mkdir'],
    ['rule', 'errno:13 chmod fchmod'],
    ['rule.arg', '1 eq 511'],
  ]);
});

test.each(['', '[]', '{}', 'null', '{"syscalls":[]}'])('the profile %j is refused', (text) => {
  expect(() => parseSeccompProfile(text)).toThrow(expect.objectContaining({ code: 'invalid' }));
});

test('the name of the compiled default filter changes with the profile and with what is made of it', () => {
  const all = capabilitiesOf({ privileged: true, capAdd: [], capDrop: [] });
  const made = [[], all].flatMap((capabilities) =>
    ['amd64', 'arm64', 's390x'].map((arch) => seccompFields(defaultSeccompProfile, { arch, kernel: '6.18', capabilities })),
  );
  expect(DEFAULT_PROFILE_SUM).toBe(sum64(JSON.stringify([defaultSeccompProfile, made])));
});
