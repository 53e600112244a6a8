import { MydockerError } from '../../../errors.ts';
import type { Plan } from '../../../model/plan.ts';
import type { Runtime } from '../../../model/runtime.ts';
import type { Desired, Observed } from '../../../plan/desired.ts';
import { draftPort } from '../../../plan/draft-network.ts';

/**
 * Refuses host ports that something else has before anything is started. The project's own containers may have them:
 * the plan stops those first, or leaves them alone.
 */
export async function checkPorts(runtime: Runtime, desired: Desired, observed: Observed, plan: Plan): Promise<void> {
  const starting = new Set(plan.operations.flatMap((operation) => (operation.kind === 'start-container' ? [operation.service] : [])));
  const problems: MydockerError[] = [];
  for (const service of starting) {
    const ports = (desired.project.services[service]?.ports ?? []).map((port) => draftPort(service, port));
    if (ports.length > FEW) problems.push(...(await tooMany(service, ports.length)));
    if (!ports.some(({ hostPort }) => hostPort !== 0)) continue;
    const holders = runtime.networks.portHolders?.(ports) ?? [];
    const others = holders.filter(({ container }) => !observed.containers.some(({ config }) => config.id === container));
    if (others.length === 0) continue;
    const { describeHolder } = await import('../../../runtime/networks/port-holders.ts');
    for (const holder of others) {
      problems.push(
        new MydockerError('conflict', describeHolder(holder), {
          resource: `services.${service}.ports`,
          hint: 'Stop what holds the port, or publish another one.',
        }),
      );
    }
  }
  const [first] = problems;
  if (first === undefined) return;
  throw problems.length === 1
    ? first
    : new MydockerError('several', `${String(problems.length)} host ports cannot be published`, { problems });
}

/** So many any process may have open. */
const FEW = 256;

async function tooMany(service: string, count: number): Promise<readonly MydockerError[]> {
  const { portLimit } = await import('../../../runtime/networks/port-limit.ts');
  const limit = portLimit();
  if (count <= limit) return [];
  return [
    new MydockerError('refused', `${count} ports are more than the ${limit} that one container can publish here`, {
      resource: `services.${service}.ports`,
      hint: 'Each takes an open file: raise the hard limit of them (ulimit -Hn, RLIMIT_NOFILE), or publish fewer.',
    }),
  ];
}
