import fc from 'fast-check';

/** A line for `tree make` of test/fixtures/tree.c: one latin1 character a byte, escaped by `treeScript`. */
export type TreeStep = readonly [verb: string, path: string, ...rest: string[]];

const bytes = (text: string): string => Buffer.from(text).toString('latin1');
/** What can be said on a command line as a mount's target. */
const PLAIN = /^[\w .%-]+$/;
const NAMES = [
  'a',
  'b',
  'usr',
  '.hidden',
  '-dash',
  'with space',
  'percent%41',
  'back\\slash',
  'a:b,c=d',
  `long-${'x'.repeat(120)}`,
  'y'.repeat(255),
  bytes('ünïcode-名'),
  'not utf8 \xff\xfe',
  '\x1b[31mred',
  'tab\tand\rreturn',
];

/** Paths of up to three names out of a few, so that steps meet at the same ones. */
function paths(names: readonly string[]): fc.Arbitrary<string> {
  return fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
}

const owner = fc.constantFrom('0', '1', '1000', '65534', '2000000', '4294967294');
const mode = fc.constantFrom('0', '0600', '0644', '0755', '1777', '2755', '4711', '6777', '7000');
const size = fc
  .oneof({ weight: 6, arbitrary: fc.integer({ min: 0, max: 3000 }) }, fc.constantFrom(0, 1, 511, 512, 513, 65_536, 2_000_003))
  .map(String);
const seed = fc.integer({ min: 1, max: 9 }).map(String);
const seconds = fc.constantFrom('0', '-1', '-2208988800', '1', '1500000000', '4102444800', '8589934592');
const nanoseconds = fc.constantFrom('0', '1', '999999999', '123456789');

/** What to make or to change at one of the paths. */
function step(at: fc.Arbitrary<string>): fc.Arbitrary<TreeStep> {
  const made = (...[verb, ...rest]: readonly [string, ...fc.Arbitrary<string>[]]): fc.Arbitrary<TreeStep> =>
    fc.tuple(at, ...rest).map(([path, ...more]): TreeStep => [verb, path, ...more]);
  const target = fc.oneof(
    at,
    at.map((path) => `/t/${path}`),
    fc.constantFrom('/', '..', '../../../../etc/passwd', 'nowhere', `${'t'.repeat(150)}/x`),
  );
  return fc.oneof(
    { weight: 6, arbitrary: made('file', size, seed) },
    made('sparse', fc.constantFrom('0', '100000', '5000000'), seed),
    { weight: 3, arbitrary: made('dir') },
    { weight: 2, arbitrary: made('symlink', target) },
    { weight: 3, arbitrary: made('hardlink', at) },
    made('fifo'),
    made('socket'),
    made('device', fc.constantFrom('c', 'b'), fc.constantFrom('1', '200', '4095'), fc.constantFrom('3', '255', '1048575')),
    { weight: 2, arbitrary: made('chmod', mode) },
    { weight: 2, arbitrary: made('chown', owner, owner) },
    { weight: 2, arbitrary: made('time', seconds, nanoseconds) },
    {
      weight: 2,
      arbitrary: made('xattr', fc.constantFrom('user.a', 'user.b', 'user.mime_type'), fc.constantFrom('x', 'é=\n\xff', 'v'.repeat(600))),
    },
    made('capability'),
  );
}

function change(at: fc.Arbitrary<string>): fc.Arbitrary<TreeStep> {
  const removed = at.map((path): TreeStep => ['rm', path]);
  return fc.oneof(
    { weight: 4, arbitrary: step(at) },
    removed,
    fc.tuple(at, size, seed).map(([path, ...more]): TreeStep => ['append', path, ...more]),
    fc.tuple(at, at).map(([to, from]): TreeStep => ['rename', to, from]),
  );
}

/** A tree, what is done to it in a container, and two places in its middle where something is mounted. */
export interface RandomTree {
  readonly base: readonly TreeStep[];
  readonly changes: readonly TreeStep[];
  readonly volume: string;
  readonly bind: string;
}

export const randomTree: fc.Arbitrary<RandomTree> = fc
  .uniqueArray(fc.constantFrom(...NAMES), { minLength: 2, maxLength: 4 })
  .chain((names) => {
    const at = paths(names);
    const again = fc.tuple(at, step(at)).map(([path, [verb, , ...rest]]): TreeStep[] => [
      ['rm', path],
      [verb, path, ...rest],
    ]);
    const replaced = fc.tuple(at, fc.constantFrom(...names)).map(([path, name]): TreeStep[] => [
      ['rm', path],
      ['file', `${path}/${name}`, '10', '1'],
    ]);
    const one = change(at).map((single): TreeStep[] => [single]);
    const place = paths(names.some((name) => PLAIN.test(name)) ? names.filter((name) => PLAIN.test(name)) : ['mounted']);
    return fc.record({
      base: fc.array(step(at), { minLength: 5, maxLength: 60 }),
      changes: fc.array(fc.oneof({ weight: 6, arbitrary: one }, again, replaced), { maxLength: 30 }).map((groups) => groups.flat()),
      volume: place,
      bind: place,
    });
  })
  // Mount points are not made in folders that are not there: those would be in no listing of the tree before.
  .map((tree) => {
    const parents = [tree.volume, tree.bind]
      .filter((path) => path.includes('/'))
      .map((path): TreeStep => ['dir', path.replace(/\/[^/]*$/, '')]);
    return { ...tree, base: [...tree.base, ...parents] };
  });

/** The input of `tree make`. */
export function treeScript(steps: readonly TreeStep[]): Uint8Array {
  const escaped = (field: string): string =>
    [...Buffer.from(field, 'latin1')]
      .map((byte) => (byte > 32 && byte < 127 && byte !== 37 ? String.fromCharCode(byte) : hex(byte)))
      .join('');
  return Buffer.from(steps.map((fields) => `${fields.map(escaped).join('\t')}\n`).join(''));
}

function hex(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}
