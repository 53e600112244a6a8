import { MydockerError } from '../errors.ts';
import type { SecuritySpec } from '../model/container.ts';
import { parseBoolean } from '../util/parse-boolean.ts';
import type { DraftContext } from './container-draft.ts';

/** Privileges, capabilities and the seccomp profile. */
export function draftSecurity({ service, serviceName, desired }: DraftContext): SecuritySpec {
  let noNewPrivileges = false;
  let seccomp = 'default';
  let apparmor: string | undefined;
  let maskSystemPaths = true;
  for (const option of service.security_opt ?? []) {
    const [key, value] = splitOption(option);
    if (key === 'no-new-privileges') noNewPrivileges = truthOf(option, value, serviceName);
    else if (key === 'systempaths') maskSystemPaths = value !== 'unconfined';
    else if (key === 'seccomp') seccomp = seccompProfile(value, desired.seccompProfiles, serviceName);
    else if (key === 'apparmor') apparmor = value;
    else if (key !== 'label') {
      throw new MydockerError('invalid', `unknown security option ${option}`, { resource: `services.${serviceName}.security_opt` });
    }
  }
  const privileged = service.privileged ?? false;
  return {
    privileged,
    capAdd: (service.cap_add ?? []).map(capabilityName),
    capDrop: (service.cap_drop ?? []).map(capabilityName),
    noNewPrivileges,
    seccomp,
    ...(apparmor === undefined ? {} : { apparmor }),
    maskSystemPaths: maskSystemPaths && !privileged,
  };
}

function truthOf(option: string, value: string, serviceName: string): boolean {
  const truth = value === '' || parseBoolean(value);
  if (truth === undefined) {
    throw new MydockerError('invalid', `invalid security option ${JSON.stringify(option)}: write no-new-privileges:true`, {
      resource: `services.${serviceName}.security_opt`,
    });
  }
  return truth;
}

function splitOption(option: string): readonly [string, string] {
  const split = /[=:]/.exec(option)?.index;
  return split === undefined ? [option, ''] : [option.slice(0, split), option.slice(split + 1)];
}

/** The path of the profile that a security option names, when it names one. */
export function seccompPath(option: string): string | undefined {
  const [key, value] = splitOption(option);
  return key === 'seccomp' && value !== 'unconfined' && value !== 'builtin' && !value.startsWith('{') ? value : undefined;
}

function seccompProfile(value: string, profiles: ReadonlyMap<string, string>, serviceName: string): string {
  if (value === 'unconfined') return value;
  if (value === 'builtin') return 'default';
  const profile = value.startsWith('{') ? value : profiles.get(value);
  if (profile === undefined) {
    throw new MydockerError('invalid', `cannot read the seccomp profile ${value}`, { resource: `services.${serviceName}.security_opt` });
  }
  return profile;
}

function capabilityName(name: string): string {
  return name.toUpperCase().replace(/^CAP_/, '');
}
