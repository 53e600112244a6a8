import { MydockerError } from '../errors.ts';
import type { Service } from '../model/service.ts';
import type { Desired, Observed, Recorded } from './desired.ts';
import type { OperationList } from './operation-list.ts';

export type RecreatePolicy = 'diverged' | 'force' | 'never';

/** What the command line of `up`, `create`, `scale` asks for. */
export interface UpRequest {
  /** Named on the command line; empty is all. */
  readonly services: readonly string[];
  readonly noDeps: boolean;
  /** `run`: this service only gets its image, networks and volumes; what it depends on is brought up. */
  readonly oneOff?: string;
  readonly recreate: RecreatePolicy;
  /** For services that are only there because another one depends on them. */
  readonly recreateDependencies: RecreatePolicy;
  readonly renewAnonymousVolumes: boolean;
  readonly removeOrphans: boolean;
  readonly ignoreOrphans: boolean;
  readonly scale: Readonly<Record<string, number>>;
  /** false: make everything, start nothing. */
  readonly start: boolean;
  /** Stop grace in seconds for what is recreated or removed. */
  readonly timeout?: number;
  /** `done`: pulls and builds have run; what is here is what is wanted. */
  readonly build: 'missing' | 'always' | 'never' | 'done';
  /** Overrides every service's `pull_policy`. */
  readonly pull?: string;
}

export const PLAIN_UP: UpRequest = {
  services: [],
  noDeps: false,
  recreate: 'diverged',
  recreateDependencies: 'diverged',
  renewAnonymousVolumes: false,
  removeOrphans: false,
  ignoreOrphans: false,
  scale: {},
  start: true,
  build: 'missing',
};

/** What the parts of `planUp` share. */
export interface UpState {
  readonly desired: Desired;
  readonly recorded: Recorded;
  readonly observed: Observed;
  readonly request: UpRequest;
  readonly list: OperationList;
  /** The services to reconcile, each after what it depends on. */
  readonly selected: readonly string[];
}

export function recreatePolicy({ request }: UpState, service: string): RecreatePolicy {
  return request.services.length === 0 || request.services.includes(service) ? request.recreate : request.recreateDependencies;
}

/** How many containers a service is to have. */
export function wantedScale(service: Service, override: number | undefined): number {
  return override ?? service.scale ?? service.deploy?.replicas ?? 1;
}

export function checkScale({ desired, request }: UpState): void {
  for (const name of Object.keys(request.scale)) {
    if (desired.project.services[name] === undefined) throw new MydockerError('not-found', `no such service: ${name}`);
  }
}

/** Two containers cannot have one name. */
export function checkContainerNames({ desired, request, selected }: UpState): void {
  const owners = new Map<string, string>();
  for (const name of selected) {
    const service = desired.project.services[name];
    const own = service?.container_name;
    if (service === undefined || own === undefined || own === '') continue;
    const resource = `services.${name}.container_name`;
    const other = owners.get(own);
    if (other !== undefined) {
      throw new MydockerError('conflict', `container name "${own}" is already in use by service ${other}`, { resource });
    }
    owners.set(own, name);
    if (wantedScale(service, request.scale[name]) > 1) {
      throw new MydockerError('conflict', `service ${name} uses the container name "${own}" and cannot have more than one container`, {
        resource,
        hint: 'remove `container_name` to scale the service',
      });
    }
  }
}
