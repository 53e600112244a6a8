import { MydockerError } from '../../../errors.ts';
import type { VolumeRecord } from '../../../model/runtime.ts';

type Test = (volume: VolumeRecord, value: string) => boolean;

/** `volume ls --filter`: values of one key are alternatives, labels and different keys must all match. */
export function volumeFilter(filters: readonly string[], used: ReadonlySet<string>): (volume: VolumeRecord) => boolean {
  const tests: Readonly<Record<string, Test>> = {
    name: ({ name }, value) => name.includes(value),
    driver: ({ driver }, value) => driver === value,
    dangling: ({ name }, value) => used.has(name) !== isTrue(value),
    label: (volume, value) => hasLabel(volume, value),
    'label!': (volume, value) => !hasLabel(volume, value),
  };
  const wanted = filters.map((text) => {
    const at = text.indexOf('=');
    const key = text.slice(0, at);
    const test = tests[key];
    if (at < 1 || test === undefined) {
      throw new MydockerError('usage', `invalid filter ${JSON.stringify(text)}`, {
        hint: `Write key=value; keys: ${Object.keys(tests).join(', ')}.`,
      });
    }
    return { key, test, value: text.slice(at + 1) };
  });
  return (volume) =>
    Object.values(Object.groupBy(wanted, ({ key }) => key)).every((group = []) => {
      const matches = ({ test, value }: (typeof wanted)[number]): boolean => test(volume, value);
      return group[0]?.key.startsWith('label') === true ? group.every(matches) : group.some(matches);
    });
}

function hasLabel({ labels }: VolumeRecord, text: string): boolean {
  const [key = '', ...rest] = text.split('=');
  return rest.length === 0 ? key in labels : labels[key] === rest.join('=');
}

function isTrue(value: string): boolean {
  if (value === 'true' || value === '1') return true;
  if (value === 'false' || value === '0') return false;
  throw new MydockerError('usage', `invalid filter "dangling=${value}": write true or false`);
}
