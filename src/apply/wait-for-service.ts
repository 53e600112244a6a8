import { setTimeout as sleep } from 'node:timers/promises';
import { MydockerError } from '../errors.ts';
import { LABELS } from '../model/compose-labels.ts';
import type { WaitCondition, WaitFor } from '../model/plan.ts';
import type { Container } from '../model/runtime.ts';
import { keepsLog, replicasOf } from '../plan/container-facts.ts';
import type { ApplyContext } from './apply-context.ts';

const POLL_MS = 50;

/** Resolves when every container of the service meets the condition; throws as soon as one cannot any more. */
export async function waitForService(context: ApplyContext, { service, condition }: Pick<WaitFor, 'service' | 'condition'>): Promise<void> {
  const { runtime, projectName } = context;
  const all = await runtime.containers.list({ labels: [`${LABELS.project}=${projectName}`, `${LABELS.service}=${service}`] });
  await Promise.all(replicasOf(all, service).map(({ config }) => waitForContainer(context, config.id, service, condition)));
}

async function waitForContainer(context: ApplyContext, id: string, service: string, condition: WaitCondition): Promise<void> {
  for (;;) {
    const container = await context.runtime.containers.get(id);
    const problem = verdict(container, service, condition);
    if (problem === 'met') return;
    if (problem !== 'pending') throw await explained(context, container, problem);
    if (context.signal?.aborted === true) throw new MydockerError('dependency', `interrupted while waiting for service ${service}`);
    await sleep(POLL_MS);
  }
}

type Verdict = 'met' | 'pending' | { readonly failure: string; readonly exitCode?: number };

/** Whether a container meets a condition, may still meet it, or has failed it. */
function verdict({ config, state }: Container, service: string, condition: WaitCondition): Verdict {
  const ended = state.status === 'exited' || state.status === 'dead';
  // One waits after the starts: whose start failed, or whom nobody starts, would be waited for without end.
  if (state.status === 'created') return { failure: `dependency failed to start: container ${config.name} was not started` };
  switch (condition) {
    case 'service_started':
      return 'met';
    case 'service_completed_successfully':
      if (!ended) return 'pending';
      return state.exitCode === 0
        ? 'met'
        : { failure: `service "${service}" didn't complete successfully: exit ${String(state.exitCode)}` };
    case 'service_healthy':
      if (ended) return { failure: `dependency failed to start: container ${config.name} exited (${String(state.exitCode)})` };
      if (config.healthcheck === undefined) {
        return { failure: `dependency failed to start: container ${config.name} has no healthcheck configured` };
      }
      if (state.health?.status === 'healthy') return 'met';
      if (state.health?.status === 'unhealthy') return { failure: `dependency failed to start: container ${config.name} is unhealthy` };
      return 'pending';
  }
}

async function explained(context: ApplyContext, container: Container, { failure }: { readonly failure: string }): Promise<MydockerError> {
  const probe = container.state.health?.log.at(-1);
  const lines: string[] = [];
  if (keepsLog(container)) {
    for await (const { text } of context.runtime.containers.logs(container.config.id, { tail: 5 })) lines.push(text.trimEnd());
  }
  const said = [
    ...(probe === undefined
      ? []
      : [`its health check exited with ${String(probe.exitCode)}${probe.output === '' ? '' : `: ${probe.output.trim()}`}`]),
    ...(lines.length === 0 ? [] : [`its last output: ${lines.join(' | ')}`]),
  ];
  return new MydockerError('dependency', failure, said.length === 0 ? {} : { hint: said.join('; ') });
}
