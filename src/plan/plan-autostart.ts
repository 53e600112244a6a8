import { LABELS } from '../model/compose-labels.ts';
import type { Plan } from '../model/plan.ts';
import type { Container } from '../model/runtime.ts';
import { isAlive, serviceNameOf } from './container-facts.ts';
import { OperationList } from './operation-list.ts';
import { addStops, dependenciesOf, describeContainer } from './plan-containers.ts';

/** What a boot starts again, dependencies first: the restart policies' word, and what the shutdown itself had stopped. */
export function planBoot(containers: readonly Container[], stoppedByShutdown: ReadonlySet<string>): Plan {
  const list = new OperationList();
  const wanted = containers.filter((container) => comesBack(container, stoppedByShutdown.has(container.config.id)));
  for (const container of wanted) {
    const dependencies = new Set(dependenciesOf(container).map(({ service }) => service));
    const before = wanted.filter((other) => projectOf(other) === projectOf(container) && dependencies.has(serviceNameOf(other)));
    list.add('start-container', {
      ...describeContainer(container),
      cause: `restart: ${container.config.restart.name}`,
      after: before.map(({ config }) => `start container ${config.name}`),
      postStart: [],
    });
  }
  return list.toPlan('autostart');
}

/** Stops everything that runs, project by project, dependents first. */
export function planShutdown(containers: readonly Container[]): Plan {
  const list = new OperationList();
  for (const project of new Set(containers.map(projectOf))) {
    addStops(list, { projectName: project, containers: containers.filter((one) => projectOf(one) === project) }, undefined);
  }
  return list.toPlan('autostart');
}

/** As Docker's daemon decides at its start; a container that never ran stays so. */
function comesBack(container: Container, stoppedByShutdown: boolean): boolean {
  const { state, config } = container;
  if (isAlive(container) || state.startedAt === '') return false;
  const byPerson = state.stoppedByUser && !stoppedByShutdown;
  switch (config.restart.name) {
    case 'always':
      return true;
    case 'unless-stopped':
      return !byPerson;
    case 'on-failure':
      return !byPerson && (stoppedByShutdown || state.exitCode !== 0);
    case 'no':
      return false;
  }
}

function projectOf({ config }: Container): string {
  return config.labels[LABELS.project] ?? '';
}
