import { describe, expect, test } from 'bun:test';
import { canonicalName, familiarName, parseReference, parseTagged } from '../../../../src/runtime/images/reference.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;

describe('names of images', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['busybox', 'docker.io/library/busybox:latest', 'busybox:latest'],
    ['busybox:1.36', 'docker.io/library/busybox:1.36', 'busybox:1.36'],
    ['user/app', 'docker.io/user/app:latest', 'user/app:latest'],
    ['docker.io/busybox', 'docker.io/library/busybox:latest', 'busybox:latest'],
    ['index.docker.io/library/busybox', 'docker.io/library/busybox:latest', 'busybox:latest'],
    ['localhost/app', 'localhost/app:latest', 'localhost/app:latest'],
    ['localhost:5000/a/b:t', 'localhost:5000/a/b:t', 'localhost:5000/a/b:t'],
    ['quay.io/x/y_z.q-1:V.1', 'quay.io/x/y_z.q-1:V.1', 'quay.io/x/y_z.q-1:V.1'],
    ['[::1]:5000/app', '[::1]:5000/app:latest', '[::1]:5000/app:latest'],
    [`busybox@${DIGEST}`, `docker.io/library/busybox@${DIGEST}`, `busybox@${DIGEST}`],
    [`busybox:1@${DIGEST}`, `docker.io/library/busybox:1@${DIGEST}`, `busybox:1@${DIGEST}`],
  ];
  for (const [text, canonical, familiar] of cases) {
    test(text, () => {
      const reference = parseTagged(text);
      expect(canonicalName(reference)).toBe(canonical);
      expect(familiarName(reference)).toBe(familiar);
      expect(canonicalName(parseTagged(canonical))).toBe(canonical);
    });
  }

  test('the tag stays absent when nobody wrote it', () => expect(parseReference('busybox').tag).toBeUndefined());

  const wrong: readonly (readonly [string, RegExp])[] = [
    ['', /empty/],
    ['a'.repeat(64), /image id/],
    ['Busybox', /lowercase/],
    ['user/App', /lowercase/],
    ['a b', /NAME/],
    ['a//b', /NAME/],
    ['-a', /NAME/],
    ['a:', /tag/],
    ['a:-x', /tag/],
    ['a@sha256:12', /digest/],
    ['a'.repeat(256), /longer/],
    ['../etc', /NAME/],
  ];
  for (const [text, message] of wrong) {
    test(`refused: ${text.slice(0, 20)}`, () => expect(() => parseTagged(text)).toThrow(message));
  }
});
