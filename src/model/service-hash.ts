import { createHash } from 'node:crypto';
import type { FileObject, NetworkDefinition, Project, VolumeDefinition } from './project.ts';

/** What changes no container of the service: how many there are, how its image comes about, when it starts. */
const IRRELEVANT = new Set(['build', 'pull_policy', 'scale', 'depends_on', 'profiles', 'develop', 'attach', 'post_start', 'pre_stop']);

/** Equal for two services exactly when the same container serves both. */
export function hashOfService(project: Project, name: string, environment: Readonly<Record<string, string>>): string {
  const service = project.services[name];
  if (service === undefined) return '';
  const relevant = Object.fromEntries(Object.entries(service).filter(([key]) => !IRRELEVANT.has(key) && !key.startsWith('x-')));
  if (service.deploy !== undefined) {
    const { replicas: _, ...deploy } = service.deploy;
    relevant['deploy'] = deploy;
  }
  const contents = [
    ...(service.configs ?? []).map(({ source }) => inlineContent(project.configs?.[source], environment)),
    ...(service.secrets ?? []).map(({ source }) => inlineContent(project.secrets?.[source], environment)),
  ];
  return sha256({ service: relevant, contents, heal: service['x-mydocker'] ?? null });
}

function inlineContent(object: FileObject | undefined, environment: Readonly<Record<string, string>>): unknown {
  return [object?.file, object?.content, object?.environment === undefined ? undefined : environment[object.environment]];
}

export function hashOfNetwork(network: NetworkDefinition): string {
  return sha256(network);
}

export function hashOfVolume(volume: VolumeDefinition): string {
  return sha256(volume);
}

function sha256(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(sorted(value)) ?? '').digest('hex');
}

/** The same value with every object's keys in order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => [key, sorted(member)]),
  );
}
