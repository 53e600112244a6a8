import { MydockerError } from '../../../errors.ts';
import { LABELS } from '../../../model/compose-labels.ts';
import type { Container, Runtime } from '../../../model/runtime.ts';
import { containerIfThere } from './observe.ts';
import type { Observed } from '../../../plan/desired.ts';
import type { Plan } from '../../../model/plan.ts';

/** Refuses names that a container of somebody else has, before anything is made. */
export async function checkNames(runtime: Runtime, observed: Observed, plan: Plan): Promise<void> {
  const own = new Set(observed.containers.map(({ config }) => config.id));
  const problems: MydockerError[] = [];
  for (const operation of plan.operations) {
    if (operation.kind !== 'create-container' && operation.kind !== 'recreate-container') continue;
    const holder = await containerCalled(runtime, operation.name);
    if (holder === undefined || own.has(holder.config.id)) continue;
    const owner = holder.config.labels[LABELS.project];
    problems.push(
      new MydockerError(
        'conflict',
        `the container name "${operation.name}" is already in use by ${owner === undefined ? 'a container of no project' : `project "${owner}"`} (${holder.config.id.slice(0, 12)})`,
        { resource: `services.${operation.service}`, hint: `remove or rename that container: \`mydocker rm -f ${operation.name}\`` },
      ),
    );
  }
  const [first] = problems;
  if (first === undefined) return;
  throw problems.length === 1 ? first : new MydockerError('several', `${String(problems.length)} container names are in use`, { problems });
}

/** By its very name: an id may begin with the same letters. */
async function containerCalled(runtime: Runtime, name: string): Promise<Container | undefined> {
  const container = await containerIfThere(runtime, name);
  return container?.config.name === name ? container : undefined;
}
