import { MydockerError } from '../errors.ts';
import type { Container, Image, NetworkRecord, VolumeRecord } from '../model/runtime.ts';
import type { Project } from '../model/project.ts';
import type { Service } from '../model/service.ts';

/** What the files say, with everything that planning and translation need and cannot read themselves. */
export interface Desired {
  readonly project: Project;
  readonly disabledServices: Project['services'];
  /** Values of configs and secrets that come from variables, by `secrets/NAME` and `configs/NAME`. */
  readonly variableContents: ReadonlyMap<string, string>;
  /** Digests of what is at the paths of `contentSources`; a path that cannot be read has none. */
  readonly contents: ReadonlyMap<string, string>;
  readonly configFiles: readonly string[];
  readonly workingDir: string;
  /** Text of the seccomp profiles that `security_opt` names, by path as written. */
  readonly seccompProfiles: ReadonlyMap<string, string>;
  /** Config hash of every service; equal hashes mean equal containers. */
  readonly serviceHashes: Readonly<Record<string, string>>;
  readonly networkHashes: Readonly<Record<string, string>>;
  readonly volumeHashes: Readonly<Record<string, string>>;
  /** Variables of every new container: over the image's, under the service's. They are no part of the hashes. */
  readonly proxies?: Readonly<Record<string, string>>;
  /** Networks and volumes are made even where no service uses them. */
  readonly allResources?: boolean;
  /** Image ids that references mean here, whatever they are called now: `rollback`. */
  readonly pinnedImages?: Readonly<Record<string, string>>;
}

/** What is really there. */
export interface Observed {
  /** Every container that carries the project's label, one-offs too. */
  readonly containers: readonly Container[];
  /** By the reference that a service uses; absent when the image is not here. */
  readonly images: ReadonlyMap<string, Image>;
  /** By full name, only those the project uses. */
  readonly volumes: ReadonlyMap<string, VolumeRecord>;
  readonly networks: ReadonlyMap<string, NetworkRecord>;
  /** The time of the look, in milliseconds since 1970. */
  readonly at: number;
}

/** What was applied last. */
export interface Recorded {
  readonly project?: Project;
  /** Service models by config hash, of every container that may still exist. */
  readonly services: ReadonlyMap<string, Service>;
}

export const NOTHING_RECORDED: Recorded = { services: new Map() };

export function serviceOf(project: Project, name: string): Service {
  const service = project.services[name];
  if (service === undefined) throw new MydockerError('not-found', `no such service: ${name}`);
  return service;
}
