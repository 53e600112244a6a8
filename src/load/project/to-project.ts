import type { Project } from '../../model/project.ts';
import type { Problems } from '../problems.ts';
import { isMapping, type Mapping } from '../tree.ts';
import { Decoder, mapOf, type Kind } from './decode.ts';
import { fileObjectShape, modelShape, networkShape, volumeShape } from './resource-shapes.ts';
import { serviceShape } from './service-shape.ts';

const SECTIONS: readonly (readonly [string, Kind])[] = [
  ['services', mapOf(serviceShape)],
  ['networks', mapOf(networkShape)],
  ['volumes', mapOf(volumeShape)],
  ['secrets', mapOf(fileObjectShape)],
  ['configs', mapOf(fileObjectShape)],
  ['models', mapOf(modelShape)],
];

/** Gives every value of a canonical dictionary its type. The keys come in the order they are printed in. */
export function toProject(root: Mapping, name: string, problems: Problems): Project {
  const decoder = new Decoder(root, problems);
  const project: Record<string, unknown> = { name };
  for (const [key, kind] of SECTIONS) {
    const section = root[key];
    const decoded = isMapping(section) ? decoder.decode(kind, section, key) : undefined;
    if (decoded !== undefined) project[key] = decoded;
  }
  project['services'] = mapServices(project['services'] as Project['services'] | undefined);
  for (const key of Object.keys(root).sort()) if (key.startsWith('x-')) project[key] = root[key];
  return project as unknown as Project;
}

/** `scale` and `deploy.replicas` say the same; where both are possible they agree. */
function mapServices(services: Project['services'] = {}): Project['services'] {
  return Object.fromEntries(
    Object.entries(services).map(([name, service]) => {
      const { scale, deploy } = service;
      if (scale === undefined || deploy === undefined || deploy.replicas !== undefined) return [name, service];
      const { mode, ...rest } = deploy;
      return [name, { ...service, deploy: { ...(mode === undefined ? {} : { mode }), replicas: scale, ...rest } }];
    }),
  );
}
