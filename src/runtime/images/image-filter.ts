import { MydockerError } from '../../errors.ts';
import type { Image } from '../../model/runtime.ts';

type Test = (image: Image, name: string) => boolean;

/** `--filter` of image listings: filters of one key are alternatives, those of different keys must all hold. */
export function imageFilter(filters: readonly string[], images: readonly Image[]): Test {
  const byKey = new Map<string, Test[]>();
  for (const filter of filters) {
    const equals = filter.indexOf('=');
    if (equals < 0) throw new MydockerError('usage', `invalid argument ${JSON.stringify(filter)} for --filter: it must be KEY=VALUE`);
    const key = filter.slice(0, equals);
    byKey.set(key, [...(byKey.get(key) ?? []), testOf(key, filter.slice(equals + 1), images)]);
  }
  // Every label that is named must be there; the other keys are alternatives.
  return (image, name) =>
    [...byKey].every(([key, tests]) =>
      key === 'label' ? tests.every((test) => test(image, name)) : tests.some((test) => test(image, name)),
    );
}

function testOf(key: string, value: string, images: readonly Image[]): Test {
  switch (key) {
    case 'dangling': {
      const wish = booleanOf(value);
      return (image) => (image.tags.length === 0 && image.digests.length === 0) === wish;
    }
    case 'label':
      return (image) => hasLabel(image, value);
    case 'label!':
      return (image) => !hasLabel(image, value);
    case 'before':
    case 'since': {
      const other = findAmong(images, value);
      return (image) => (key === 'before' ? image.created < other.created : image.created > other.created);
    }
    case 'until': {
      const limit = untilOf(value);
      return (image) => Date.parse(image.created) < limit;
    }
    case 'reference': {
      const pattern = globOf(value);
      return (_, name) => pattern.test(name) || pattern.test(name.replace(/:[^:/]*$/, ''));
    }
    default:
      throw new MydockerError('usage', `invalid filter ${JSON.stringify(key)}`, {
        hint: 'Possible are dangling, label, before, since, until, reference.',
      });
  }
}

function booleanOf(text: string): boolean {
  if (['1', 'true', 't', 'yes'].includes(text.toLowerCase())) return true;
  if (['0', 'false', 'f', 'no'].includes(text.toLowerCase())) return false;
  throw new MydockerError('usage', `invalid filter 'dangling=[${text}]'`);
}

function hasLabel({ config: { labels } }: Image, wish: string): boolean {
  const equals = wish.indexOf('=');
  return equals < 0 ? wish in labels : labels[wish.slice(0, equals)] === wish.slice(equals + 1);
}

function findAmong(images: readonly Image[], reference: string): Image {
  const name = reference.includes(':') ? reference : `${reference}:latest`;
  const found = images.find(({ id, tags }) => tags.includes(name) || id === reference || id.slice(7).startsWith(reference));
  if (found === undefined) throw new MydockerError('not-found', 'no such image', { resource: `image ${reference}` });
  return found;
}

/** A time, or how long ago: `24h`. */
function untilOf(text: string): number {
  const units: Readonly<Record<string, number>> = { s: 1e3, m: 60e3, h: 3600e3 };
  const parts = [...text.matchAll(/(\d+)([smh])/g)];
  if (parts.length > 0 && parts.map(([whole]) => whole).join('') === text) {
    return Date.now() - parts.reduce((sum, [, amount = '0', unit = 's']) => sum + Number(amount) * (units[unit] ?? 0), 0);
  }
  const time = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text);
  if (Number.isNaN(time)) throw new MydockerError('usage', `${JSON.stringify(text)} is neither a time nor a duration`);
  return time;
}

/** Go's path.Match: `*` and `?` do not cross a slash. */
function globOf(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]');
  return new RegExp(`^${source}$`);
}
