import { afterEach, beforeEach, expect, test } from 'bun:test';
import type { ContainerDraft, Runtime } from '../../src/model/runtime.ts';
import { sampleDraft } from './sample-draft.ts';

/** A runtime under test. In it a container called `ends` ends by itself with status 3, others go on. */
export interface Subject {
  readonly runtime: Runtime;
  dispose(): Promise<void>;
}

/** What whoever is called a runtime must do: run on the real one and on the fake one. */
export function runtimeContract(open: () => Promise<Subject>): void {
  let subject: Subject | undefined;
  let runtime: Runtime;
  beforeEach(async () => {
    subject = await open();
    ({ runtime } = subject);
  });
  afterEach(async () => {
    await subject?.dispose();
  });

  async function draft(name: string, change: Partial<ContainerDraft> = {}): Promise<ContainerDraft> {
    const image = await runtime.images.get('busybox');
    if (image === undefined) throw new Error('the subject has no busybox');
    return sampleDraft(name, image, change);
  }
  const statusOf = async (name: string): Promise<string> => (await runtime.containers.get(name)).state.status;

  test('created, running, stopped, running again, gone', async () => {
    const id = await runtime.containers.create(await draft('web'));
    expect(await statusOf('web')).toBe('created');
    await runtime.containers.start(id);
    expect(await statusOf(id)).toBe('running');
    await runtime.containers.start(id);
    expect(await statusOf(id)).toBe('running');
    await runtime.containers.stop(id, { timeout: 0 });
    expect(await statusOf('web')).toBe('exited');
    await runtime.containers.stop(id);
    await runtime.containers.start(id);
    expect(await statusOf('web')).toBe('running');
    await runtime.containers.remove(id, { force: true });
    await expect(runtime.containers.get('web')).rejects.toMatchObject({ code: 'not-found' });
    await runtime.containers.remove(id);
  });

  test('a container that ends by itself keeps its exit code', async () => {
    const id = await runtime.containers.create(await draft('ends'));
    await runtime.containers.start(id);
    expect(await runtime.containers.wait(id)).toBe(3);
    expect((await runtime.containers.get(id)).state).toMatchObject({ status: 'exited', exitCode: 3, pid: 0 });
  });

  test('a running container is removed by force alone', async () => {
    const id = await runtime.containers.create(await draft('web'));
    await runtime.containers.start(id);
    await expect(runtime.containers.remove(id)).rejects.toMatchObject({ code: 'conflict' });
    expect(await statusOf(id)).toBe('running');
    await runtime.containers.remove(id, { force: true });
  });

  test('a name belongs to one container at a time', async () => {
    const first = await runtime.containers.create(await draft('web'));
    await expect(runtime.containers.create(await draft('web'))).rejects.toMatchObject({ code: 'conflict' });
    await runtime.containers.rename(first, 'old');
    const second = await runtime.containers.create(await draft('web'));
    expect((await runtime.containers.get('old')).config.id).toBe(first);
    expect((await runtime.containers.get('web')).config.id).toBe(second);
    await runtime.containers.remove(first);
    await runtime.containers.remove(second);
  });

  test('labels choose: by key, by value, all of them', async () => {
    await runtime.containers.create(await draft('one', { labels: { a: '1', b: '' } }));
    await runtime.containers.create(await draft('two', { labels: { a: '2' } }));
    const names = async (...labels: string[]): Promise<string[]> =>
      (await runtime.containers.list({ labels })).map(({ config }) => config.name).sort();
    expect(await names()).toEqual(['one', 'two']);
    expect(await names('a')).toEqual(['one', 'two']);
    expect(await names('a=2')).toEqual(['two']);
    expect(await names('a', 'b')).toEqual(['one']);
    expect(await names('a=2', 'b')).toEqual([]);
    for (const name of ['one', 'two']) await runtime.containers.remove(name);
  });

  test('paused and going on', async () => {
    const id = await runtime.containers.create(await draft('web'));
    await runtime.containers.start(id);
    await runtime.containers.pause(id);
    expect(await statusOf(id)).toBe('paused');
    await runtime.containers.unpause(id);
    expect(await statusOf(id)).toBe('running');
    await runtime.containers.remove(id, { force: true });
  });

  test('an update changes what it names and leaves the rest', async () => {
    const id = await runtime.containers.create(await draft('web', { resources: { pidsLimit: 50, cpuShares: 512 } }));
    await runtime.containers.update(id, { resources: { pidsLimit: 60 }, labels: { a: '1' } });
    const { config } = await runtime.containers.get(id);
    expect(config.resources).toEqual({ pidsLimit: 60 });
    expect(config.labels).toEqual({ a: '1' });
    expect(config.restart).toEqual({ name: 'no', maximumRetryCount: 0 });
    await runtime.containers.remove(id);
  });

  test('a volume stays as it was made, and while a container has it', async () => {
    const made = await runtime.volumes.create({ name: 'data', labels: { a: '1' } });
    expect(await runtime.volumes.create({ name: 'data', labels: { a: '2' } })).toEqual(made);
    const id = await runtime.containers.create(
      await draft('web', {
        mounts: [{ type: 'volume', volume: 'data', anonymous: false, nocopy: false, subpath: '', target: '/data', readOnly: false }],
      }),
    );
    await expect(runtime.volumes.remove('data')).rejects.toMatchObject({ code: 'conflict' });
    await runtime.containers.remove(id, { volumes: true });
    expect(await runtime.volumes.get('data')).toEqual(made);
    await runtime.volumes.remove('data');
    expect(await runtime.volumes.get('data')).toBeUndefined();
    await expect(runtime.volumes.remove('data')).rejects.toMatchObject({ code: 'not-found' });
    await runtime.volumes.remove('data', { force: true });
  });

  test('an anonymous volume has a name of its own and goes with its container when asked', async () => {
    const mount = { type: 'volume', volume: '', anonymous: true, nocopy: false, subpath: '', target: '/data', readOnly: false } as const;
    const id = await runtime.containers.create(await draft('web', { mounts: [mount] }));
    const volume = (await runtime.containers.get(id)).config.mounts.find(({ type }) => type === 'volume');
    const name = volume?.type === 'volume' ? volume.volume : '';
    expect(await runtime.volumes.get(name)).toMatchObject({ anonymous: true });
    await runtime.containers.remove(id, { volumes: true });
    expect(await runtime.volumes.get(name)).toBeUndefined();
  });

  test('a project is found as it was put, and replaced whole', async () => {
    const record = {
      name: 'shop',
      workingDir: '/w',
      configFiles: ['/w/compose.yaml'],
      applied: '2026-01-01T00:00:00Z',
      model: { services: {} },
    };
    expect(await runtime.projects.get('shop')).toBeUndefined();
    await runtime.projects.put({ ...record, workingDir: '/old' });
    await runtime.projects.put(record);
    expect(await runtime.projects.get('shop')).toMatchObject(record);
    expect((await runtime.projects.list()).map(({ name }) => name)).toEqual(['shop']);
    await runtime.projects.remove('shop');
    expect(await runtime.projects.list()).toEqual([]);
  });

  test('two that lock one project take turns', async () => {
    const order: string[] = [];
    const release = await runtime.projects.lock('shop');
    const second = runtime.projects.lock('shop').then((free) => {
      order.push('second');
      return free();
    });
    order.push('first');
    await release();
    await second;
    expect(order).toEqual(['first', 'second']);
  });
}
