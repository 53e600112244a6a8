import { MydockerError } from '../../../errors.ts';
import type { NetworkRecord } from '../../../model/runtime.ts';
import { PREDEFINED } from '../../../runtime/networks/network-records.ts';

type Test = (network: NetworkRecord, value: string) => boolean;

const tests: Readonly<Record<string, Test>> = {
  driver: ({ driver }, value) => driver === value || (driver === 'none' && value === 'null'),
  id: ({ id }, value) => id.startsWith(value),
  name: ({ name }, value) => name.includes(value),
  label: ({ labels }, value) => hasLabel(labels, value),
  'label!': ({ labels }, value) => !hasLabel(labels, value),
  scope: (_, value) => value === 'local',
  type: ({ name }, value) => (value === 'builtin') === PREDEFINED.has(name),
  until: ({ created }, value) => Date.parse(created) < momentOf(value),
};

/** `--filter key=value`: values of one key are alternatives (labels must all match), different keys must all match. */
export function networkFilter(filters: readonly string[]): (network: NetworkRecord) => boolean {
  const wanted = new Map<string, string[]>();
  for (const text of filters) {
    const [, key = '', value = ''] = /^([^=!]+!?)=(.*)$/.exec(text) ?? [];
    if (!(key in tests)) {
      throw new MydockerError('usage', `invalid filter ${JSON.stringify(text)}`, { hint: `There are: ${Object.keys(tests).join(', ')}.` });
    }
    wanted.set(key, [...(wanted.get(key) ?? []), value]);
  }
  return (network) =>
    [...wanted].every(([key, values]) => {
      const matches = (value: string): boolean => tests[key]?.(network, value) ?? false;
      return key.startsWith('label') ? values.every(matches) : values.some(matches);
    });
}

function hasLabel(labels: Readonly<Record<string, string>>, wish: string): boolean {
  const at = wish.indexOf('=');
  return at < 0 ? wish in labels : labels[wish.slice(0, at)] === wish.slice(at + 1);
}

/** A date, Unix seconds, or an age like `10m` or `24h`. */
function momentOf(text: string): number {
  const age = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text);
  if (age !== null && text !== '') {
    const [hours, minutes, seconds] = age.slice(1).map((part: string | undefined) => Number(part ?? '0'));
    return Date.now() - ((hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0)) * 1000;
  }
  const moment = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text);
  if (Number.isNaN(moment)) throw new MydockerError('usage', `invalid time ${JSON.stringify(text)} in --filter until=`);
  return moment;
}
