import { expect, test } from 'bun:test';
import { DEFAULT_PROFILE, wantedProfile } from '../../../../src/runtime/containers/apparmor.ts';
import { AppArmorProfiles } from '../../../../src/runtime/containers/load-apparmor.ts';
import { sampleConfig } from './sample-config.ts';

test('a container has the profile it names, else the default one, unless it is privileged or asks for none', () => {
  expect(wantedProfile({ privileged: false })).toBe(DEFAULT_PROFILE);
  expect(wantedProfile({ privileged: true })).toBeUndefined();
  expect(wantedProfile({ privileged: true, apparmor: 'web' })).toBe('web');
  expect(wantedProfile({ privileged: false, apparmor: 'web' })).toBe('web');
  expect(wantedProfile({ privileged: false, apparmor: 'unconfined' })).toBeUndefined();
});

test('on a host without AppArmor a profile that is named is told of, the default one is not missed', async () => {
  const { security } = sampleConfig();
  const profiles = new AppArmorProfiles(() => false);
  expect(await profiles.choose(security)).toEqual({});
  expect(await profiles.choose({ ...security, apparmor: 'unconfined' })).toEqual({});
  expect(await profiles.choose({ ...security, apparmor: 'web' })).toEqual({
    warning: 'the AppArmor profile web is not set: this host does not have AppArmor enabled',
  });
});
