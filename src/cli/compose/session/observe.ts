import { MydockerError } from '../../../errors.ts';
import { imageName } from '../../../model/image-name.ts';
import { LABELS } from '../../../model/compose-labels.ts';
import type { Container, Image, NetworkRecord, Runtime, VolumeRecord } from '../../../model/runtime.ts';
import type { Desired, Observed } from '../../../plan/desired.ts';

export function projectContainers(runtime: Runtime, project: string): Promise<readonly Container[]> {
  return runtime.containers.list({ labels: [`${LABELS.project}=${project}`] });
}

/** Undefined when there is none of this id or name. */
export async function containerIfThere(runtime: Runtime, reference: string): Promise<Container | undefined> {
  try {
    return await runtime.containers.get(reference);
  } catch (error) {
    if (error instanceof MydockerError && error.code === 'not-found') return undefined;
    throw error;
  }
}

/** What is there of everything the project names. */
export async function observe(runtime: Runtime, desired: Desired): Promise<Observed> {
  const { project } = desired;
  const references = Object.entries(project.services).flatMap(([name, service]) => [
    imageName(desired.project, name),
    ...(service.volumes ?? []).flatMap(({ type, source }) => (type === 'image' && source !== undefined ? [source] : [])),
  ]);
  const [containers, images, volumes, networks] = await Promise.all([
    projectContainers(runtime, project.name),
    found<Image>(references, (reference) => runtime.images.get(desired.pinnedImages?.[reference] ?? reference)),
    found<VolumeRecord>(
      Object.values(project.volumes ?? {}).map(({ name }) => name),
      (name) => runtime.volumes.get(name),
    ),
    found<NetworkRecord>(
      Object.values(project.networks ?? {}).map(({ name }) => name),
      (name) => runtime.networks.get(name),
    ),
  ]);
  return { containers, images, volumes, networks, at: Date.now() };
}

async function found<T>(names: readonly string[], get: (name: string) => Promise<T | undefined>): Promise<ReadonlyMap<string, T>> {
  const result = new Map<string, T>();
  await Promise.all(
    [...new Set(names)].map(async (name) => {
      const value = await get(name);
      if (value !== undefined) result.set(name, value);
    }),
  );
  return result;
}
