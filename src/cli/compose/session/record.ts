import type { Project } from '../../../model/project.ts';
import { LABELS } from '../../../model/compose-labels.ts';
import type { Runtime } from '../../../model/runtime.ts';
import type { Service } from '../../../model/service.ts';
import { NOTHING_RECORDED, type Desired, type Observed, type Recorded } from '../../../plan/desired.ts';
import { directoryIdentity } from './former-names.ts';

/** One applied model with the image ids that its references meant then. */
export interface Revision {
  readonly applied: string;
  readonly project: Project;
  readonly images: Readonly<Record<string, string>>;
}

/** What we keep in `ProjectRecord.model`. */
export interface RecordedModel {
  readonly project: Project;
  readonly services: Readonly<Record<string, Service>>;
  readonly history: readonly Revision[];
}

const KEPT_REVISIONS = 20;

export async function readRecorded(runtime: Runtime, name: string): Promise<Recorded & { readonly history: readonly Revision[] }> {
  const record = await runtime.projects.get(name);
  if (record === undefined || !isRecordedModel(record.model)) return { ...NOTHING_RECORDED, history: [] };
  const { project, services, history } = record.model;
  return { project, services: new Map(Object.entries(services)), history };
}

export function isRecordedModel(model: unknown): model is RecordedModel {
  return typeof model === 'object' && model !== null && 'project' in model && 'services' in model && 'history' in model;
}

/** Written before anything is applied, so that every container's hash can be explained later, whatever happens meanwhile. */
export async function writeRecorded(
  runtime: Runtime,
  desired: Desired,
  observed: Observed,
  previous: Recorded & { readonly history: readonly Revision[] },
): Promise<void> {
  const inUse = new Set(observed.containers.map(({ config }) => config.labels[LABELS.configHash]));
  const services: Record<string, Service> = {};
  for (const [hash, service] of previous.services) if (inUse.has(hash)) services[hash] = service;
  for (const [name, service] of Object.entries(desired.project.services)) services[desired.serviceHashes[name] ?? ''] = service;
  const images = Object.fromEntries([...observed.images].map(([reference, { id }]) => [reference, id]));
  const identity = directoryIdentity(desired.workingDir);
  const applied = new Date().toISOString();
  const last = previous.history.at(-1);
  const same = last !== undefined && JSON.stringify([last.project, last.images]) === JSON.stringify([desired.project, images]);
  const history = same ? previous.history : [...previous.history, { applied, project: desired.project, images }].slice(-KEPT_REVISIONS);
  await runtime.projects.put({
    name: desired.project.name,
    workingDir: desired.workingDir,
    configFiles: desired.configFiles,
    applied,
    ...(identity === undefined ? {} : { directory: identity }),
    model: { project: desired.project, services, history } satisfies RecordedModel,
  });
}
