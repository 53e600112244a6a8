import { formatScalar } from './format-scalar.ts';
import { isMapping, type Mapping, type Value } from './tree.ts';

/** Fills in what long forms leave out, in place. */
export function setDefaults(root: Mapping): void {
  if (!isMapping(root['services'])) return;
  for (const service of Object.values(root['services'])) if (isMapping(service)) setServiceDefaults(service);
}

function setServiceDefaults(service: Mapping): void {
  const build = service['build'];
  if (isMapping(build)) build['context'] ??= '.';
  eachMapping(service['secrets'], setSecretTarget);
  eachMapping(service['ports'], (port) => {
    port['protocol'] ??= 'tcp';
    port['mode'] ??= 'ingress';
  });
  eachMapping(service['gpus'], setDeviceCount);
  const deploy = service['deploy'];
  const resources = isMapping(deploy) ? deploy['resources'] : undefined;
  const reservations = isMapping(resources) ? resources['reservations'] : undefined;
  if (isMapping(reservations)) eachMapping(reservations['devices'], setDeviceCount);
}

function setSecretTarget(secret: Mapping): void {
  secret['target'] ??= `/run/secrets/${formatScalar(secret['source'])}`;
}

function setDeviceCount(device: Mapping): void {
  if (device['device_ids'] === undefined) device['count'] ??= 'all';
}

function eachMapping(list: Value | undefined, action: (item: Mapping) => void): void {
  if (Array.isArray(list)) for (const item of list) if (isMapping(item)) action(item);
}
