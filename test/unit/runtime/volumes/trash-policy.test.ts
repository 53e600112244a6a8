import { describe, expect, test } from 'bun:test';
import { expired, parseTrashId, trashPolicy } from '../../../../src/runtime/volumes/trash-policy.ts';

const DAY = 86_400_000;

describe('what leaves the trash', () => {
  const policy = { retention: 7 * DAY, maxSize: 100 };
  const entry = (name: string, age: number, size: number): { id: string; name: string; removed: number; size: number } => ({
    id: name,
    name,
    removed: 10 * DAY - age,
    size,
  });
  const names = (...entries: ReturnType<typeof entry>[]): string[] => expired(entries, policy, 10 * DAY).map(({ name }) => name);

  test('is what has been there for its time', () => {
    expect(names(entry('old', 7 * DAY, 1), entry('young', 7 * DAY - 1, 1))).toEqual(['old']);
  });

  test('is the oldest while all is too large', () => {
    expect(names(entry('first', 3, 60), entry('second', 2, 60), entry('third', 1, 40))).toEqual(['first']);
  });

  test('is one that alone is too large, and none of those beside it', () => {
    expect(names(entry('huge', 1, 101), entry('small', 2, 10))).toEqual(['huge']);
  });
});

test('an id tells the name and the time, whatever dots and dashes are in the name', () => {
  expect(parseTrashId('a_b.c-1@1700000000000-0123456789ab')).toEqual({
    id: 'a_b.c-1@1700000000000-0123456789ab',
    name: 'a_b.c-1',
    removed: 1_700_000_000_000,
  });
  expect(parseTrashId('lost+found')).toBeUndefined();
});

describe('the settings', () => {
  test('have defaults', () => {
    expect(trashPolicy({})).toEqual({ retention: 7 * DAY, maxSize: 10 * 1024 ** 3 });
  });
  test('are read from the environment', () => {
    expect(trashPolicy({ MYDOCKER_TRASH_DAYS: '0.5', MYDOCKER_TRASH_SIZE: '500m' })).toEqual({
      retention: DAY / 2,
      maxSize: 500 * 1024 ** 2,
    });
  });
  test.each([
    ['MYDOCKER_TRASH_DAYS', 'soon'],
    ['MYDOCKER_TRASH_DAYS', '-1'],
    ['MYDOCKER_TRASH_DAYS', ''],
    ['MYDOCKER_TRASH_SIZE', 'big'],
  ])('%s=%p is refused by name', (variable, value) => {
    expect(() => trashPolicy({ [variable]: value })).toThrow(expect.objectContaining({ code: 'invalid', resource: variable }));
  });
});
