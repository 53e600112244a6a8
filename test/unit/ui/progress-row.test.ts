import { expect, test } from 'bun:test';
import type { ApplyEvent } from '../../../src/apply/apply-plan.ts';
import type { Operation, Plan } from '../../../src/model/plan.ts';
import { progressRows } from '../../../src/ui/progress-row.ts';

function container(kind: 'create-container' | 'start-container', number: number, cause = ''): Operation {
  const name = `demo-web-${String(number)}`;
  return {
    kind,
    id: `${kind} ${name}`,
    resource: `container ${name}`,
    cause,
    needs: [],
    after: [],
    service: 'web',
    number,
    name,
  } as unknown as Operation;
}
const event = (type: ApplyEvent['type'], operation: Operation) => ({ type, operation, error: new Error('no'), because: '' }) as ApplyEvent;
const plan = (operations: readonly Operation[]): Plan => ({ project: 'demo', operations, warnings: [] });

test('the operations of one resource share a row, which tells the last of them and ends with it', () => {
  const [create, start] = [container('create-container', 1), container('start-container', 1, 'it exited with 3')];
  const rows = progressRows(plan([create, start]), 10);
  expect(rows).toHaveLength(1);
  const row = rows[0]?.[1];
  if (row === undefined) throw new Error('no row');
  const task = { title: '', output: '', skip: () => undefined };
  const driven = row.drive(task);
  expect(task.title).toBe('');
  const seen: string[] = [];
  for (const [type, operation, now] of [
    ['begun', create, 0],
    ['done', create, 100],
    ['begun', start, 200],
    ['done', start, 2500],
  ] as const) {
    row.onEvent(event(type, operation), now);
    seen.push(`${row.isIdle ? 'idle' : 'busy'} ${row.text(now, false)}`);
  }
  expect(task.title).toBe('Container demo-web-1');
  expect(seen).toEqual([
    'busy Container demo-web-1  Creating',
    'idle Container demo-web-1  Created',
    'busy Container demo-web-1  Starting  (it exited with 3)',
    'idle Container demo-web-1  Started  (it exited with 3)  2.5s',
  ]);
  return driven;
});

test('a failure stays what there is to tell, and what comes of it was not done', async () => {
  const [create, start] = [container('create-container', 1), container('start-container', 1)];
  const [first] = progressRows(plan([create, start]), 10);
  first?.[1].onEvent(event('begun', create), 0);
  first?.[1].onEvent(event('failed', create), 1);
  first?.[1].onEvent(event('skipped', start), 2);
  expect(first?.[1].text(2, false)).toBe('Container demo-web-1  Error');
  await expect(first?.[1].drive({ title: '', output: '', skip: () => undefined })).rejects.toThrow();
  const [second] = progressRows(plan([start]), 10);
  second?.[1].onEvent(event('skipped', start), 0);
  expect(second?.[1].text(0, false)).toBe('Container demo-web-1  Not started');
  let skipped = false;
  await second?.[1].drive({ title: '', output: '', skip: () => (skipped = true) });
  expect(skipped).toBe(true);
});

test('more resources than there is room for get a row a kind of work', () => {
  const operations = [1, 2, 3].flatMap((number) => [container('create-container', number), container('start-container', number)]);
  const rows = progressRows(plan(operations), 2).map(([, row]) => row);
  for (const operation of operations) {
    const row = rows[operation.kind === 'create-container' ? 0 : 1];
    row?.onEvent(event('begun', operation), 0);
    if (operation.id !== 'start-container demo-web-3') row?.onEvent(event('done', operation), 0);
  }
  expect(rows.map((row) => row.text(0, false))).toEqual(['Containers  Created 3/3', 'Containers  Starting 2/3']);
});
