import { expect, test } from 'bun:test';
import { FolderSyncs } from '../../../../src/runtime/store/folder-syncs.ts';

/** Syncs that end when they are told to; what has begun, in order. */
function slowSyncs() {
  const begun: { readonly folder: string; readonly end: PromiseWithResolvers<void> }[] = [];
  const syncs = new FolderSyncs((folder) => {
    const end = Promise.withResolvers<void>();
    begun.push({ folder, end });
    return end.promise;
  });
  return { syncs, begun };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('who asks while a sync is under way shares the next one, and waits for its end', async () => {
  const { syncs, begun } = slowSyncs();
  const ended: string[] = [];
  const ask = (name: string) => void syncs.sync('a').then(() => ended.push(name));
  ask('first');
  await turn();
  ask('second');
  ask('third');
  await turn();
  expect(begun).toHaveLength(1);
  begun[0]?.end.resolve();
  await turn();
  expect([begun.length, ended]).toEqual([2, ['first']]);
  ask('fourth');
  begun[1]?.end.resolve();
  await turn();
  expect([begun.length, ended]).toEqual([3, ['first', 'second', 'third']]);
  begun[2]?.end.resolve();
  await turn();
  expect(ended).toEqual(['first', 'second', 'third', 'fourth']);
});

test('folders do not wait for each other', async () => {
  const { syncs, begun } = slowSyncs();
  void syncs.sync('a');
  void syncs.sync('b');
  await turn();
  expect(begun.map(({ folder }) => folder)).toEqual(['a', 'b']);
});

test('a failure is told to all who shared it, and to nobody else', async () => {
  const { syncs, begun } = slowSyncs();
  const results: string[] = [];
  const ask = (name: string) =>
    void syncs.sync('a').then(
      () => results.push(name),
      () => results.push(`${name} failed`),
    );
  ask('first');
  ask('second');
  await turn();
  ask('third');
  begun[0]?.end.reject(new Error('EIO'));
  await turn();
  begun[1]?.end.resolve();
  await turn();
  expect(results).toEqual(['first failed', 'second failed', 'third']);
});
