export type ContainerStatus = 'created' | 'running' | 'paused' | 'restarting' | 'exited' | 'dead';

/** What is true of a container now: the supervisor's word where it lives, else what it left behind. */
export interface ContainerState {
  readonly status: ContainerStatus;
  /** Process id of the container's first process in the host's pid namespace; 0 when there is none. */
  readonly pid: number;
  readonly supervisorPid: number;
  readonly exitCode: number;
  readonly oomKilled: boolean;
  /** Why it could not be started; empty otherwise. */
  readonly error: string;
  /** RFC 3339 with nanoseconds; empty when it never happened. */
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly restartCount: number;
  /** Stopped by a person: no restart policy brings it back. */
  readonly stoppedByUser: boolean;
  readonly health?: HealthState;
  /** Its start was cut off before its post_start hooks had run. */
  readonly hooksOwed?: true;
}

export interface HealthState {
  readonly status: 'starting' | 'healthy' | 'unhealthy';
  readonly failingStreak: number;
  /** The last five probes, oldest first. */
  readonly log: readonly HealthProbe[];
}

export interface HealthProbe {
  readonly start: string;
  readonly end: string;
  readonly exitCode: number;
  readonly output: string;
}
