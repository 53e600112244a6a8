import type { Command } from 'commander';
import { MydockerError } from '../../errors.ts';
import { formatPlan, planToJson, type Plan } from '../../model/plan.ts';
import type { Desired } from '../../plan/desired.ts';
import type { UpRequest } from '../../plan/up-request.ts';
import { writeOut } from '../../util/stdio.ts';
import { loadWithBases } from './session/load-desired.ts';
import { planReconcile } from './session/reconcile.ts';
import type { Session } from './session/session.ts';
import { defineReconcileOptions, defineUpOnlyOptions, upRequest, type ReconcileOptions } from './session/up-options.ts';

interface PlanOptions extends ReconcileOptions {
  readonly format: string;
  readonly detailedExitcode?: boolean;
}

export function definePlan(command: Command, session: Session): void {
  command
    .argument('[services...]')
    .option('--format <format>', 'text or json', 'text')
    .option('--detailed-exitcode', 'Exit with 0 when there is nothing to do, 2 when there is, 1 on errors');
  defineReconcileOptions(command);
  defineUpOnlyOptions(command);
  command
    .addHelpText('after', '\nExample:\n  mydocker-compose plan --detailed-exitcode')
    .action(async (services: readonly string[], options: PlanOptions) => {
      if (options.format !== 'text' && options.format !== 'json')
        throw new MydockerError('usage', `unknown format ${options.format}: use text or json`);
      const desired = await loadWithBases(session.globals, services);
      const plan = await planFor(session, desired, upRequest(services, options), options);
      writeOut(`${options.format === 'json' ? JSON.stringify(planToJson(plan), undefined, 2) : formatPlan(plan)}\n`);
      if (options.detailedExitcode === true && plan.operations.length > 0) session.exitStatus = 2;
    });
}

async function planFor(session: Session, desired: Desired, request: UpRequest, { adopt, renameFrom }: PlanOptions): Promise<Plan> {
  const runtime = await session.runtime();
  if (renameFrom === undefined) return (await planReconcile(runtime, desired, request, adopt === true)).plan;
  const { planRenamed } = await import('./session/rename-project.ts');
  return planRenamed(runtime, desired, request, renameFrom);
}
