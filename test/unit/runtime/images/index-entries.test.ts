import { expect, test } from 'bun:test';
import { addNames, entriesOf, indexOf, removeName, type IndexEntry } from '../../../../src/runtime/images/index-entries.ts';

const image = (digit: string) => ({ mediaType: 'm', digest: `sha256:${digit.repeat(64)}`, size: 1 });
const [one, two] = [image('1'), image('2')];
const text = (entries: readonly IndexEntry[]) => entries.map(({ descriptor, name }) => `${descriptor.digest.slice(7, 8)} ${name ?? '-'}`);

test('a name that moves leaves its old image without one', () => {
  expect(text(addNames([{ descriptor: one, name: 'a:1' }], two, ['a:1']))).toEqual(['1 -', '2 a:1']);
});
test('an old image that has another name needs no nameless entry', () => {
  const entries = [
    { descriptor: one, name: 'a:1' },
    { descriptor: one, name: 'a:2' },
  ];
  expect(text(addNames(entries, two, ['a:1']))).toEqual(['1 a:2', '2 a:1']);
});
test('naming a nameless image', () => expect(text(addNames([{ descriptor: one }], one, ['a:1']))).toEqual(['1 a:1']));
test('an image without a name is kept once', () => expect(text(addNames([{ descriptor: one }], one, []))).toEqual(['1 -']));
test('an image that has a name stays as it is', () => {
  expect(text(addNames([{ descriptor: one, name: 'a:1' }], one, []))).toEqual(['1 a:1']);
});
test('the last name gone, the image stays', () => expect(text(removeName([{ descriptor: one, name: 'a:1' }], 'a:1'))).toEqual(['1 -']));
test('written and read again', () => {
  const entries = [{ descriptor: one, name: 'docker.io/library/a:1' }, { descriptor: two }];
  expect(entriesOf(indexOf(entries))).toEqual(entries);
});
