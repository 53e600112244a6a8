import type { NetworkDefinition, VolumeDefinition } from './project.ts';
import type { Service } from './service.ts';
import { sha256 } from '../util/sha256.ts';

/** What does not change a container: it is used before the container exists, or only to order and count containers. */
const IGNORED = new Set(['build', 'depends_on', 'profiles', 'pull_policy', 'scale']);

/**
 * SHA-256 of what a container of this service is made from. It does not depend on the order of keys, nor on the syntax
 * that a value was written in, since the model has long forms only.
 */
export function serviceHash(service: Service): string {
  const entries = Object.entries(service).filter(([key]) => !IGNORED.has(key) && !isForeign(key));
  const kept: Record<string, unknown> = Object.fromEntries(entries);
  if (service.deploy !== undefined) {
    const { replicas: _replicas, ...deploy } = service.deploy;
    kept['deploy'] = deploy;
  }
  return hash(kept);
}

export function networkHash(network: NetworkDefinition): string {
  return hash(withoutForeign(network));
}

export function volumeHash(volume: VolumeDefinition): string {
  return hash(withoutForeign(volume));
}

/** Extensions mean something to others only. */
function isForeign(key: string): boolean {
  return key.startsWith('x-') && key !== 'x-mydocker';
}

function withoutForeign(definition: NetworkDefinition | VolumeDefinition): unknown {
  return Object.fromEntries(Object.entries(definition).filter(([key]) => !isForeign(key)));
}

function hash(value: unknown): string {
  return sha256(stableJson(value));
}

/** JSON with sorted keys; empty objects count as absent, since forms of a file differ in them. */
function stableJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(stableJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return typeof value === 'bigint' ? String(value) : JSON.stringify(value);
  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined && !isEmptyObject(item))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${stableJson(item)}`).join(',')}}`;
}

function isEmptyObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;
}
