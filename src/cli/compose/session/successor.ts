import { setTimeout as sleep } from 'node:timers/promises';
import { LABELS } from '../../../model/compose-labels.ts';
import type { Container, Runtime } from '../../../model/runtime.ts';
import { containerNumberOf, isAlive, isOneOff, serviceNameOf } from '../../../plan/container-facts.ts';
import { containerIfThere, projectContainers } from './observe.ts';

const START_WAIT_MS = 60_000;

/** What goes on in the place of a container whose run has ended: itself, or a newer one of its service and number. */
export async function successor(runtime: Runtime, container: Container): Promise<Container | undefined> {
  const same = await containerIfThere(runtime, container.config.id);
  if (same !== undefined && isAlive(same)) return same;
  if (isOneOff(container)) return undefined;
  const project = container.config.labels[LABELS.project] ?? '';
  const replacement = (await projectContainers(runtime, project)).find(
    (other) =>
      other.config.id !== container.config.id &&
      !isOneOff(other) &&
      serviceNameOf(other) === serviceNameOf(container) &&
      containerNumberOf(other) === containerNumberOf(container),
  );
  return replacement === undefined ? undefined : started(runtime, replacement);
}

/** A replacement is made before the old container goes and starts after it. */
async function started(runtime: Runtime, container: Container): Promise<Container | undefined> {
  const deadline = Date.now() + START_WAIT_MS;
  let current: Container | undefined = container;
  while (current?.state.status === 'created' && Date.now() < deadline) {
    await sleep(50);
    current = await containerIfThere(runtime, container.config.id);
  }
  return current?.state.status === 'created' ? undefined : current;
}
