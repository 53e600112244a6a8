import { expect, test } from 'bun:test';
import { formatPlan } from '../../../src/model/plan.ts';
import { planRename } from '../../../src/plan/plan-rename.ts';
import type { RenameState } from '../../../src/plan/rename-project.ts';
import { FakeRuntime } from '../../helpers/fake-runtime.ts';
import { sketch, Timeline } from '../../helpers/planned.ts';

const RENAME = { from: 'demo', to: 'shop' };
const desired = sketch(
  {
    db: { volumes: [{ type: 'volume', source: 'data', target: '/data' }] },
    web: { depends_on: { db: { condition: 'service_started', required: true } }, container_name: 'front' },
  },
  { volumes: { data: { name: 'demo_data' } } },
);

async function stateOf(runtime: FakeRuntime, resumed = false): Promise<RenameState> {
  return {
    rename: RENAME,
    containers: await runtime.containers.list(),
    volumes: await runtime.volumes.list(),
    networks: await runtime.networks.list(),
    builtImages: [],
    recorded: desired.project,
    resumed,
  };
}

async function running(): Promise<{ readonly runtime: FakeRuntime; readonly timeline: Timeline }> {
  const runtime = new FakeRuntime();
  const timeline = new Timeline(runtime);
  await timeline.up(desired);
  return { runtime, timeline };
}

test('everything stops, goes over to the other name, and what ran runs again, dependencies first', async () => {
  const { runtime, timeline } = await running();
  const plan = planRename(await stateOf(runtime), { start: true });
  expect(formatPlan(plan)).toBe(
    [
      'stop container front (project demo becomes shop)',
      'stop container demo-db-1 (project demo becomes shop)',
      'rename volume demo_data (-> shop_data)',
      'rename network demo_default (-> shop_default)',
      'rename container demo-db-1 (-> shop-db-1)',
      'rename container front (-> front)',
      'start container shop-db-1 (it ran before)',
      'start container front (it ran before)',
    ].join('\n'),
  );
  const { failed } = await timeline.apply(plan);
  expect(failed).toEqual([]);
  const db = await runtime.containers.get('shop-db-1');
  expect(db.config.mounts).toMatchObject([{ type: 'volume', volume: 'shop_data' }]);
  expect(db.config.network.endpoints).toMatchObject([{ network: 'shop_default' }]);
  expect(db.state.status).toBe('running');
});

test('after it, the files with the new name find nothing to do', async () => {
  const { runtime, timeline } = await running();
  await timeline.apply(planRename(await stateOf(runtime), { start: true }));
  const { project } = desired;
  const renamed = sketch(project.services, {
    name: 'shop',
    networks: { default: { name: 'shop_default' } },
    volumes: { data: { name: 'shop_data' } },
  });
  expect(await timeline.text(renamed)).toBe('nothing to do');
});

test.each([0, 1, 2, 3, 4, 5, 6, 7])('cut short after %i operations it is finished by doing it again', async (count) => {
  const { runtime, timeline } = await running();
  const plan = planRename(await stateOf(runtime), { start: false });
  await timeline.apply({ ...plan, operations: plan.operations.slice(0, count) });
  const { failed, skipped } = await timeline.apply(planRename(await stateOf(runtime, true), { start: false }));
  expect([failed, skipped]).toEqual([[], []]);
  expect((await runtime.volumes.list()).map(({ name }) => name)).toEqual(['shop_data']);
  const { config } = await runtime.containers.get('shop-db-1');
  expect(config.mounts).toMatchObject([{ volume: 'shop_data' }]);
  expect(config.network.endpoints).toMatchObject([{ network: 'shop_default' }]);
});

test.each([0, 1, 2, 3, 4, 5, 6, 7, 8])('what ran before a rename that is cut short after %i operations runs after it', async (count) => {
  const { runtime, timeline } = await running();
  const ran = (await runtime.containers.list()).map(({ config }) => config.id);
  const plan = planRename(await stateOf(runtime), { start: true });
  await timeline.apply({ ...plan, operations: plan.operations.slice(0, count) });
  await timeline.apply(planRename({ ...(await stateOf(runtime, true)), ran }, { start: true }));
  const states = (await runtime.containers.list()).map(({ config, state }) => `${config.name} ${state.status}`);
  expect(states.sort()).toEqual(['front running', 'shop-db-1 running']);
});

test('what is in the way is named before anything is planned', async () => {
  const { runtime } = await running();
  await runtime.volumes.create({ name: 'shop_data' });
  const state = await stateOf(runtime);
  expect(() => planRename(state, { start: true })).toThrow('project "shop" exists already: volume shop_data');
  expect(() => planRename({ ...state, rename: { from: 'demo', to: 'Shop' } }, { start: true })).toThrow('invalid project name "Shop"');
  expect(() => planRename({ ...state, rename: { from: 'gone', to: 'new' } }, { start: true })).toThrow('project "gone" has no containers');
});
