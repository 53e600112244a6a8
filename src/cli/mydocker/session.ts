import { withForwardedSignals } from '../../runtime/containers/foreground.ts';
import type { Session } from '../../runtime/core/core.ts';
import { numberOf } from '../../runtime/core/reply.ts';
import type { MydockerRuntime } from '../../runtime/runtime.ts';

export interface SessionEnd {
  readonly detached: boolean;
  readonly code: number;
}

/** Waits until the container that is attached to this terminal has ended, or the user has detached. */
export async function followSession(runtime: MydockerRuntime, session: Session | undefined): Promise<SessionEnd> {
  if (session === undefined) return { detached: true, code: 0 };
  const line = await withForwardedSignals(runtime.context.core, session.end);
  return { detached: line['event'] === 'detached', code: numberOf(line, 'code') };
}
