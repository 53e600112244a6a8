import type { ContainerMove, NetworkDraft } from './runtime.ts';

interface OperationBase {
  /** Unique in its plan and the same in every run: `create container demo-web-1`. */
  readonly id: string;
  /** What it touches, as a person says it: `container demo-web-1`. */
  readonly resource: string;
  /** Why it is done, for a person; empty when a command asked for exactly this. */
  readonly cause: string;
  /** Operations that must have succeeded before. */
  readonly needs: readonly string[];
  /** Operations that must have ended before, however they ended. */
  readonly after: readonly string[];
}

export type WaitCondition = 'service_started' | 'service_healthy' | 'service_completed_successfully';

/** A command of `post_start` or `pre_stop`. */
export interface Hook {
  readonly command: readonly string[];
  readonly user: string;
  readonly privileged: boolean;
  readonly workingDir: string;
  readonly environment: readonly string[];
}

/** The container an operation is about. `id` is absent while it is still to be made by the same plan. */
interface ContainerOperation extends OperationBase {
  readonly service: string;
  readonly number: number;
  readonly name: string;
  readonly containerId?: string;
}

export interface PullImage extends OperationBase {
  readonly kind: 'pull-image';
  readonly service: string;
  readonly reference: string;
  readonly platform: string;
  /** An image that is here already will do when the registry cannot be reached. */
  readonly optional: boolean;
}
export interface BuildImage extends OperationBase {
  readonly kind: 'build-image';
  readonly service: string;
  readonly reference: string;
}
export interface RemoveImage extends OperationBase {
  readonly kind: 'remove-image';
  readonly reference: string;
}
export interface CreateNetwork extends OperationBase {
  readonly kind: 'create-network';
  readonly draft: NetworkDraft;
}
export interface RemoveNetwork extends OperationBase {
  readonly kind: 'remove-network';
  readonly name: string;
}
export interface CreateVolume extends OperationBase {
  readonly kind: 'create-volume';
  readonly name: string;
  readonly driver: string;
  readonly driverOpts: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}
export interface RemoveVolume extends OperationBase {
  readonly kind: 'remove-volume';
  readonly name: string;
}
/** The same volume, byte for byte, under another name and with other labels. */
export interface RenameVolume extends OperationBase {
  readonly kind: 'rename-volume';
  readonly name: string;
  readonly newName: string;
  readonly labels: Readonly<Record<string, string>>;
}
export interface RenameNetwork extends OperationBase {
  readonly kind: 'rename-network';
  readonly name: string;
  readonly newName: string;
  readonly labels: Readonly<Record<string, string>>;
}
export interface RenameImage extends OperationBase {
  readonly kind: 'rename-image';
  readonly reference: string;
  readonly newReference: string;
}
/** A stopped container becomes one of another project. */
export interface MoveContainer extends OperationBase {
  readonly kind: 'move-container';
  readonly containerId: string;
  readonly move: ContainerMove;
}
export interface CreateContainer extends ContainerOperation {
  readonly kind: 'create-container';
}
/** Made anew under a provisional name, then the old one is stopped and removed and the new one takes its name. */
export interface RecreateContainer extends ContainerOperation {
  readonly kind: 'recreate-container';
  readonly containerId: string;
  /** Stop grace in seconds; absent: the container's own. */
  readonly timeout?: number;
  /** Anonymous volumes go with the old container instead of being carried over. */
  readonly renewVolumes: boolean;
  readonly preStop: readonly Hook[];
}
/** Limits, restart policy: what changes without a new container. */
export interface UpdateContainer extends ContainerOperation {
  readonly kind: 'update-container';
  readonly containerId: string;
}
export interface RenameContainer extends ContainerOperation {
  readonly kind: 'rename-container';
  readonly containerId: string;
}
export interface StartContainer extends ContainerOperation {
  readonly kind: 'start-container';
  readonly postStart: readonly Hook[];
}
export interface StopContainer extends ContainerOperation {
  readonly kind: 'stop-container';
  readonly containerId: string;
  readonly timeout?: number;
  readonly preStop: readonly Hook[];
}
export interface RestartContainer extends ContainerOperation {
  readonly kind: 'restart-container';
  readonly containerId: string;
  readonly timeout?: number;
  readonly preStop: readonly Hook[];
  readonly postStart: readonly Hook[];
}
export interface KillContainer extends ContainerOperation {
  readonly kind: 'kill-container';
  readonly containerId: string;
  readonly signal: string;
}
export interface PauseContainer extends ContainerOperation {
  readonly kind: 'pause-container';
  readonly containerId: string;
}
export interface UnpauseContainer extends ContainerOperation {
  readonly kind: 'unpause-container';
  readonly containerId: string;
}
export interface RemoveContainer extends ContainerOperation {
  readonly kind: 'remove-container';
  readonly containerId: string;
  readonly force: boolean;
  /** Its anonymous volumes too. */
  readonly volumes: boolean;
}
/** Waits until every container of a service meets a condition; fails as soon as it cannot any more. */
export interface WaitFor extends OperationBase {
  readonly kind: 'wait-for';
  readonly service: string;
  readonly condition: WaitCondition;
  /** How many containers must meet it. */
  readonly count: number;
  /** Failure is a warning and does not hold back who waits. */
  readonly optional: boolean;
}

export type Operation =
  | PullImage
  | BuildImage
  | RemoveImage
  | CreateNetwork
  | RemoveNetwork
  | CreateVolume
  | RemoveVolume
  | RenameVolume
  | RenameNetwork
  | RenameImage
  | MoveContainer
  | CreateContainer
  | RecreateContainer
  | UpdateContainer
  | RenameContainer
  | StartContainer
  | StopContainer
  | RestartContainer
  | KillContainer
  | PauseContainer
  | UnpauseContainer
  | RemoveContainer
  | WaitFor;

export type OperationKind = Operation['kind'];

export interface Plan {
  readonly project: string;
  /** In an order in which they could run one after the other. */
  readonly operations: readonly Operation[];
  /** What the user should know although nothing is done about it: orphans, resources left alone. */
  readonly warnings: readonly string[];
}

const VERBS: Readonly<Record<OperationKind, string>> = {
  'pull-image': 'pull',
  'build-image': 'build',
  'remove-image': 'remove',
  'create-network': 'create',
  'remove-network': 'remove',
  'create-volume': 'create',
  'remove-volume': 'remove',
  'rename-volume': 'rename',
  'rename-network': 'rename',
  'rename-image': 'rename',
  'move-container': 'rename',
  'create-container': 'create',
  'recreate-container': 'recreate',
  'update-container': 'update',
  'rename-container': 'rename',
  'start-container': 'start',
  'stop-container': 'stop',
  'restart-container': 'restart',
  'kill-container': 'kill',
  'pause-container': 'pause',
  'unpause-container': 'unpause',
  'remove-container': 'remove',
  'wait-for': 'wait for',
};

export function operationId(kind: OperationKind, resource: string): string {
  return `${VERBS[kind]} ${resource}`;
}

/** One line an operation, `create container demo-web-1 (cause)`, warnings first. Ends without a newline. */
export function formatPlan(plan: Plan): string {
  const warnings = plan.warnings.map((warning) => `warning: ${warning}`);
  const lines = plan.operations.map(({ id, cause }) => (cause === '' ? id : `${id} (${cause})`));
  return [...warnings, ...(lines.length === 0 ? ['nothing to do'] : lines)].join('\n');
}

/** The machine form of a plan: verbs, resources, causes and edges, without the drafts, which may hold secrets. */
export function planToJson(plan: Plan): unknown {
  return {
    project: plan.project,
    changes: plan.operations.length,
    warnings: plan.warnings,
    operations: plan.operations.map(({ id, kind, resource, cause, needs, after }) => ({
      id,
      kind,
      resource,
      cause,
      needs,
      after,
    })),
  };
}
