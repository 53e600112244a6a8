import { MydockerError } from '../errors.ts';
import type { Container, Image, PullProgress, Runtime } from '../model/runtime.ts';
import type { Desired } from '../plan/desired.ts';

/** What `build` and `up --build` may be told beside the files. */
export interface BuildOverrides {
  readonly args: Readonly<Record<string, string>>;
  readonly noCache: boolean;
  readonly pull: boolean;
  /** As `build.ssh` has them. */
  readonly ssh?: readonly string[];
}

/** What the handlers of one run share. */
export interface ApplyContext {
  readonly runtime: Runtime;
  readonly projectName: string;
  /** Absent for commands that need no files: they make nothing. */
  readonly desired?: Desired;
  /** Ids of the containers made in this run, by name. */
  readonly made: Map<string, string>;
  readonly warn: (message: string) => void;
  /** A line of a build's output; absent where nobody is to see it. */
  readonly say?: (service: string, line: string) => void;
  /** What a `post_start` hook of a container has said, by its id. */
  readonly hookSaid?: (containerId: string, output: string) => void;
  /** How far a pull is. */
  readonly onPull?: (reference: string, progress: PullProgress) => void;
  /** What a command line asks of builds. */
  readonly build?: BuildOverrides;
  /** Ends waits that cannot end otherwise. */
  readonly signal?: AbortSignal;
}

export function desiredOf({ desired }: ApplyContext): Desired {
  if (desired === undefined) throw new Error('this operation needs the project files');
  return desired;
}

/** The id of the container an operation is about: recorded by the plan, or made earlier in this run. */
export function containerIdOf(context: ApplyContext, operation: { readonly name: string; readonly containerId?: string }): string {
  const id = operation.containerId ?? context.made.get(operation.name);
  if (id === undefined) throw new Error(`container ${operation.name} was not made before it is needed`);
  return id;
}

export async function imageOf({ runtime, desired }: ApplyContext, reference: string): Promise<Image> {
  const image = await runtime.images.get(desired?.pinnedImages?.[reference] ?? reference);
  if (image === undefined) throw new MydockerError('not-found', `no such image: ${reference}`);
  return image;
}

export async function containerByName({ runtime }: ApplyContext, reference: string): Promise<Container | undefined> {
  try {
    return await runtime.containers.get(reference);
  } catch (error) {
    if (error instanceof MydockerError && error.code === 'not-found') return undefined;
    throw error;
  }
}
