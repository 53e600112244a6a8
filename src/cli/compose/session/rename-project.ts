import { MydockerError } from '../../../errors.ts';
import type { Plan } from '../../../model/plan.ts';
import type { ProjectRecord, Runtime } from '../../../model/runtime.ts';
import { isAlive, serviceNameOf } from '../../../plan/container-facts.ts';
import { NOTHING_RECORDED, type Desired } from '../../../plan/desired.ts';
import { planRename } from '../../../plan/plan-rename.ts';
import { planUp } from '../../../plan/plan-up.ts';
import {
  afterRename,
  containersOf,
  renamedImage,
  renamedModel,
  type ProjectRename,
  type RenameState,
} from '../../../plan/rename-project.ts';
import { execute } from './execute.ts';
import { inTurn, type Turn } from './in-turn.ts';
import { observe } from './observe.ts';
import { isRecordedModel, type RecordedModel } from './record.ts';
import type { UpRequest } from '../../../plan/up-request.ts';
import type { Session } from './session.ts';

interface RenameOptions {
  /** Starts again what ran before. */
  readonly start: boolean;
  readonly timeout?: number;
}

/** Carries everything of a project over to another name; what a killed command left half-done is finished. */
export async function renameProject(session: Session, rename: ProjectRename, options: RenameOptions): Promise<void> {
  const [first = '', second = ''] = [rename.from, rename.to].sort();
  const turnOptions = { renaming: true };
  // Always in this order, so that two of them cannot wait for each other.
  await inTurn(
    session,
    { name: first },
    () => inTurn(session, { name: second }, (turn) => carryOver(session, turn, rename, options), turnOptions),
    turnOptions,
  );
}

/**
 * Both names are marked before anything is changed, so that no other command works on half a project, and the marks go last.
 */
async function carryOver(session: Session, turn: Turn, rename: ProjectRename, options: RenameOptions): Promise<void> {
  const { runtime } = turn;
  const { state, source } = await observeRename(runtime, rename);
  const plan = planRename(state, options);
  if (session.globals.dryRun) {
    await execute(session, turn, plan);
    return;
  }
  const { from, to } = rename;
  const renamed = renamedRecord(rename, source);
  if (!state.resumed) {
    const ranBeforeRename = containersOf(state, from)
      .filter(isAlive)
      .map(({ config }) => config.id);
    await runtime.projects.put({ ...renamed, renamedFrom: from, ranBeforeRename });
    await runtime.projects.put({ ...(source ?? emptyRecord(from)), renamedTo: to });
  }
  await execute(session, turn, plan);
  await runtime.projects.remove(from);
  if (source === undefined) await runtime.projects.remove(to);
  else await runtime.projects.put(state.resumed ? withoutMarks(source) : renamed);
}

interface ObservedRename {
  readonly state: RenameState;
  /** The record to go on with: the old name's, or the new name's when a rename that was cut short has made it. */
  readonly source?: ProjectRecord;
}

async function observeRename(runtime: Runtime, rename: ProjectRename): Promise<ObservedRename> {
  const [containers, volumes, networks, before, after] = await Promise.all([
    runtime.containers.list(),
    runtime.volumes.list(),
    runtime.networks.list(),
    runtime.projects.get(rename.from),
    runtime.projects.get(rename.to),
  ]);
  checkOtherRenames(rename, before && (await settled(runtime, before)), after);
  const resumed = after?.renamedFrom === rename.from;
  const source = resumed ? after : before;
  const recorded = before !== undefined && isRecordedModel(before.model) ? before.model.project : undefined;
  const builtImages = await builtBy(runtime, rename, new Set(containersOf({ containers }, rename.from).map(serviceNameOf)));
  return {
    state: {
      ...{ rename, containers, volumes, networks, builtImages, resumed },
      ...(recorded === undefined ? {} : { recorded }),
      ...(resumed && after.ranBeforeRename !== undefined ? { ran: after.ranBeforeRename } : {}),
    },
    ...(source === undefined ? {} : { source }),
  };
}

/** The record without the mark of a rename that was cut off as its very last step: nothing has the old name any more. */
export async function settled(runtime: Pick<Runtime, 'projects'>, record: ProjectRecord): Promise<ProjectRecord> {
  const { renamedFrom, renamedTo } = record;
  if (renamedFrom === undefined || renamedTo !== undefined) return record;
  return (await runtime.projects.get(renamedFrom)) === undefined ? withoutMarks(record) : record;
}

function checkOtherRenames({ from, to }: ProjectRename, before: ProjectRecord | undefined, after: ProjectRecord | undefined): void {
  if (before?.renamedFrom !== undefined) throw interrupted({ from: before.renamedFrom, to: from });
  if (after?.renamedTo !== undefined) throw interrupted({ from: to, to: after.renamedTo });
  if (before?.renamedTo !== undefined && before.renamedTo !== to) throw interrupted({ from, to: before.renamedTo });
  if (after?.renamedFrom !== undefined && after.renamedFrom !== from) throw interrupted({ from: after.renamedFrom, to });
}

/** The rename and the `up` after it in one plan, without doing any of it. */
export async function planRenamed(runtime: Runtime, desired: Desired, request: UpRequest, from: string): Promise<Plan> {
  const rename = { from, to: desired.project.name };
  const { state, source } = await observeRename(runtime, rename);
  const first = planRename(state, { start: false });
  const model = source !== undefined && isRecordedModel(source.model) ? renamedHistory(rename, source.model) : undefined;
  const recorded = model === undefined ? NOTHING_RECORDED : { project: model.project, services: new Map(Object.entries(model.services)) };
  const observed = await observe(runtime, desired);
  const images = new Map(observed.images);
  for (const reference of state.builtImages) {
    const image = await runtime.images.get(reference);
    if (image !== undefined) images.set(renamedImage(rename, reference, reference.slice(from.length + 1)), image);
  }
  const second = planUp(desired, recorded, afterRename(state, { ...observed, images }), request);
  const done = new Set(first.operations.map(({ id }) => id));
  return {
    project: rename.to,
    operations: [...first.operations, ...second.operations.filter(({ id }) => !done.has(id))],
    warnings: [...first.warnings, ...second.warnings],
  };
}

/** What every other command says of a rename that was cut short. */
export function interrupted({ from, to }: ProjectRename): MydockerError {
  return new MydockerError('conflict', `the rename of project "${from}" to "${to}" was interrupted`, {
    hint: `finish it with \`mydocker-compose rename ${from} ${to}\``,
  });
}

async function builtBy(runtime: Runtime, rename: ProjectRename, services: ReadonlySet<string>): Promise<readonly string[]> {
  const references = [...services].map((service) => `${rename.from}-${service}`);
  const here = await Promise.all(references.map((reference) => runtime.images.get(reference)));
  return references.filter((_, index) => here[index] !== undefined);
}

function renamedRecord(rename: ProjectRename, source: ProjectRecord | undefined): ProjectRecord {
  if (source === undefined) return emptyRecord(rename.to);
  const model = isRecordedModel(source.model) ? renamedHistory(rename, source.model) : source.model;
  return withoutMarks({ ...source, name: rename.to, model });
}

function renamedHistory(rename: ProjectRename, { project, services, history }: RecordedModel): RecordedModel {
  return {
    project: renamedModel(rename, project),
    services,
    history: history.map((revision) => ({
      ...revision,
      project: renamedModel(rename, revision.project),
      images: Object.fromEntries(
        Object.entries(revision.images).map(([reference, id]) => [
          renamedImage(rename, reference, reference.slice(rename.from.length + 1)),
          id,
        ]),
      ),
    })),
  };
}

function withoutMarks({ renamedFrom: _, renamedTo: __, ranBeforeRename: ___, ...record }: ProjectRecord): ProjectRecord {
  return record;
}

function emptyRecord(name: string): ProjectRecord {
  return { name, workingDir: '', configFiles: [], applied: new Date().toISOString(), model: null };
}
