import { MydockerError } from '../../errors.ts';
import type { VolumeRecord } from '../../model/runtime.ts';

/** `volume ls --filter`: values of one key are alternatives, different keys and all labels must match. */
export function volumeFilter(filters: readonly string[], users: ReadonlyMap<string, readonly string[]>): (volume: VolumeRecord) => boolean {
  const tests: Readonly<Record<string, (volume: VolumeRecord, value: string) => boolean>> = {
    name: ({ name }, value) => name.includes(value),
    driver: ({ driver }, value) => driver === value,
    dangling: ({ name }, value) => ['true', '1'].includes(value) !== users.has(name),
    label: (volume, value) => hasLabel(volume, value),
    'label!': (volume, value) => !hasLabel(volume, value),
  };
  const wanted = filters.map((text) => {
    const cut = text.indexOf('=');
    const key = cut < 0 ? text : text.slice(0, cut);
    const test = tests[key];
    if (cut < 0 || test === undefined) {
      throw new MydockerError('usage', `invalid filter ${JSON.stringify(text)}`, { hint: `There are: ${Object.keys(tests).join(', ')}.` });
    }
    return { key, value: text.slice(cut + 1), test };
  });
  return (volume) =>
    wanted.every(({ key, value, test }) =>
      key.startsWith('label') ? test(volume, value) : wanted.some((other) => other.key === key && other.test(volume, other.value)),
    );
}

function hasLabel({ labels }: VolumeRecord, text: string): boolean {
  const [key = '', ...rest] = text.split('=');
  return rest.length === 0 ? key in labels : labels[key] === rest.join('=');
}
