import { imageName } from '../model/image-name.ts';
import type { Plan } from '../model/plan.ts';
import { serviceOf, type Desired } from './desired.ts';
import { OperationList } from './operation-list.ts';

export interface PullRequest {
  readonly services: readonly string[];
  /** Images that are here, by reference: `--policy missing` leaves them alone. */
  readonly present: ReadonlySet<string>;
  readonly onlyMissing: boolean;
  readonly ignoreBuildable: boolean;
  /** What cannot be pulled is a warning. */
  readonly ignoreFailures: boolean;
}

/** The images of services that come from a registry, each once. */
export function planPull(desired: Desired, request: PullRequest): Plan {
  const list = new OperationList();
  for (const name of request.services) {
    const service = serviceOf(desired.project, name);
    const reference = imageName(desired.project, name);
    const builds = service.build !== undefined;
    if (service.image === undefined || (builds && request.ignoreBuildable)) continue;
    if (service.pull_policy === 'never' || service.pull_policy === 'build') continue;
    if (request.onlyMissing && request.present.has(reference)) continue;
    list.add('pull-image', {
      resource: `image ${reference}`,
      cause: '',
      service: name,
      reference,
      platform: service.platform ?? '',
      optional: request.ignoreFailures || builds,
    });
  }
  return list.toPlan(desired.project.name);
}
