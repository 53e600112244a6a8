import { Option, type Command } from 'commander';
import { MydockerError } from '../../errors.ts';
import { imageName } from '../../model/image-name.ts';
import { LABELS } from '../../model/compose-labels.ts';
import type { Container, Runtime } from '../../model/runtime.ts';
import { isAlive, isOneOff, serviceNameOf } from '../../plan/container-facts.ts';
import type { ContainerSelection } from '../../plan/plan-containers.ts';
import { isProtected } from '../../model/volume-protection.ts';
import { planDown } from '../../plan/plan-down.ts';
import { orphansAmong, orphanWarning } from '../../plan/plan-orphans.ts';
import { wantsProtection } from '../../plan/plan-volumes.ts';
import { writeErr } from '../../util/stdio.ts';
import { execute } from './session/execute.ts';
import { inTurn, type Turn } from './session/in-turn.ts';
import { forgetLoads, projectOrName, type ProjectOrName } from './session/load-desired.ts';
import { checkServices } from './session/select-containers.ts';
import type { Session } from './session/session.ts';
import { truthy } from '../../util/truthy.ts';
import { exclusive } from './session/up-options.ts';
import { wholeNumber } from './session/values.ts';

interface DownOptions {
  readonly removeOrphans?: boolean;
  readonly rmi?: string;
  readonly timeout?: number;
  readonly volumes?: boolean;
  /** A spelling of earlier versions. */
  readonly volume?: boolean;
  readonly keepVolumes?: boolean;
}

export function defineDown(command: Command, session: Session): void {
  command
    .argument('[services...]')
    .option('--remove-orphans', 'Remove containers for services not defined in the Compose file')
    .option('--rmi <which>', 'Remove images used by services: local (those built for the project) or all')
    .option('-t, --timeout <seconds>', 'Specify a shutdown timeout in seconds', wholeNumber)
    .option('-v, --volumes', 'Remove named volumes declared in the Compose file and anonymous volumes attached to containers')
    .addOption(new Option('--volume').hideHelp())
    .option('--keep-volumes', 'Keep all volumes; this is the default')
    .addHelpText('after', '\nExample:\n  mydocker-compose down --keep-volumes')
    .action(async (services: readonly string[], { volume, ...rest }: DownOptions) => {
      const options = volume === true ? { ...rest, volumes: true } : rest;
      if (options.volumes === true && options.keepVolumes === true) throw exclusive('--volumes', '--keep-volumes');
      if (options.rmi !== undefined && options.rmi !== 'local' && options.rmi !== 'all')
        throw new MydockerError('usage', `invalid value for --rmi: "${options.rmi}"`, { hint: 'use local or all' });
      const target = await projectOrName(session.globals);
      await inTurn(session, target, (turn) => takeDown(session, turn, target, services, options));
    });
}

async function takeDown(
  session: Session,
  turn: Turn,
  target: ProjectOrName,
  services: readonly string[],
  options: DownOptions,
): Promise<void> {
  const { runtime } = turn;
  const { selection, warnings, spared, others } = await chooseContainers(runtime, target, services, options);
  const staying = [...spared, ...others];
  const whole = services.length === 0;
  const doomed = options.volumes === true ? await projectVolumes(runtime, target, whole ? undefined : selection.containers) : NONE;
  const networks = keepUsed('Network', whole ? await projectNetworks(runtime, target) : [], staying.filter(isAlive), networksOf);
  const volumes = keepUsed('Volume', doomed.names, staying, volumesOf);
  const plan = planDown({
    selection,
    removeAnonymousVolumes: options.volumes === true,
    networks: networks.names,
    volumes: volumes.names,
    images: options.rmi === undefined ? [] : await serviceImages(runtime, target, selection, options.rmi === 'all'),
    warnings: [...warnings, ...doomed.warnings, ...networks.warnings, ...volumes.warnings],
    ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
  });
  const kept = networks.warnings.length + volumes.warnings.length > 0;
  if (plan.operations.length === 0 && spared.length === 0 && !kept)
    writeErr(`warning: No resource found to remove for project "${target.name}".\n`);
  await execute(session, turn, plan);
  if (session.globals.dryRun) return;
  await runtime.containers.removeLeftovers();
  tellOfTrash(runtime, volumes.names);
  if (whole && spared.length === 0) {
    forgetLoads(session.globals, target.name);
    await forget(runtime, target.name);
  }
}

/** While volumes are left, it must be known which directory they belong to. */
async function forget(runtime: Runtime, project: string): Promise<void> {
  const left = (await runtime.volumes.list()).some(({ labels }) => labels[LABELS.project] === project);
  if (!left) await runtime.projects.remove(project);
}

function tellOfTrash(runtime: Runtime, removed: readonly string[]): void {
  if (removed.length === 0) return;
  const trashed = new Set(runtime.volumes.trashed());
  for (const name of removed.filter((one) => trashed.has(one))) {
    writeErr(`volume ${name} is in the trash; to bring it back: mydocker volume trash restore ${name}\n`);
  }
}

interface Choice {
  readonly selection: ContainerSelection;
  readonly warnings: readonly string[];
  /** The project's own that stay. */
  readonly spared: readonly Container[];
  /** Of other projects, or of none. */
  readonly others: readonly Container[];
}

async function chooseContainers(
  runtime: Runtime,
  target: ProjectOrName,
  services: readonly string[],
  { removeOrphans }: DownOptions,
): Promise<Choice> {
  const everyone = await runtime.containers.list();
  const all = everyone.filter(({ config }) => config.labels[LABELS.project] === target.name);
  const others = everyone.filter((container) => !all.includes(container));
  checkServices(target, all, services);
  const { desired } = target;
  const project = desired === undefined ? {} : { project: desired.project };
  if (services.length > 0) {
    const containers = all.filter((container) => services.includes(serviceNameOf(container)) && !isOneOff(container));
    const spared = all.filter((container) => !containers.includes(container));
    return { selection: { projectName: target.name, containers, ...project }, warnings: [], spared, others };
  }
  const oneOffs = all.filter(isOneOff);
  const replicas = all.filter((container) => !isOneOff(container));
  const orphans = desired === undefined ? [] : orphansAmong(replicas, desired.project.services, desired.disabledServices);
  const withOrphans = removeOrphans === true || truthy(process.env['COMPOSE_REMOVE_ORPHANS']);
  const keptOrphans = withOrphans ? [] : orphans;
  const disabled = replicas.filter((container) => desired !== undefined && serviceNameOf(container) in desired.disabledServices);
  const spared = [...keptOrphans, ...disabled, ...(withOrphans ? [] : oneOffs)];
  const containers = all.filter((container) => !spared.includes(container));
  return {
    selection: { projectName: target.name, containers, ...project },
    warnings: keptOrphans.length === 0 || truthy(process.env['COMPOSE_IGNORE_ORPHANS']) ? [] : [orphanWarning(keptOrphans)],
    spared,
    others,
  };
}

interface Kept {
  readonly names: readonly string[];
  readonly warnings: readonly string[];
}

const NONE: Kept = { names: [], warnings: [] };

/** What a container that stays still uses stays too. */
function keepUsed(
  kind: string,
  names: readonly string[],
  spared: readonly Container[],
  usedBy: (container: Container) => readonly string[],
): Kept {
  const used = new Set(spared.flatMap(usedBy));
  return {
    names: names.filter((name) => !used.has(name)),
    warnings: names.filter((name) => used.has(name)).map((name) => `${kind} ${name} is still in use and is kept`),
  };
}

function networksOf({ config }: Container): readonly string[] {
  return config.network.endpoints.map(({ network }) => network);
}

function volumesOf({ config }: Container): readonly string[] {
  return config.mounts.flatMap((mount) => (mount.type === 'volume' ? [mount.volume] : []));
}

/** Those that carry the project's label: external ones never do. */
async function projectNetworks(runtime: Runtime, { name, desired }: ProjectOrName): Promise<readonly string[]> {
  const external = new Set(
    Object.values(desired?.project.networks ?? {}).flatMap((network) => (network.external === true ? [network.name] : [])),
  );
  return (await runtime.networks.list())
    .filter((network) => network.labels[LABELS.project] === name && !external.has(network.name))
    .map((network) => network.name);
}

/** All of the project's named volumes, or only those that these containers use. */
async function projectVolumes(runtime: Runtime, { name, desired }: ProjectOrName, users?: readonly Container[]): Promise<Kept> {
  const used = users === undefined ? undefined : new Set(users.flatMap(volumesOf));
  const own = (await runtime.volumes.list()).filter(
    (volume) => volume.labels[LABELS.project] === name && !volume.anonymous && (used?.has(volume.name) ?? true),
  );
  const locked = own.find(isProtected);
  if (locked !== undefined) {
    throw new MydockerError('refused', `volume ${locked.name} is protected`, {
      resource: `volume ${locked.name}`,
      hint: `take down without --volumes, or allow its removal first: \`mydocker volume unprotect ${locked.name}\``,
    });
  }
  if (desired === undefined) return { names: own.map((volume) => volume.name), warnings: [] };
  const declared = Object.entries(desired.project.volumes ?? {}).filter(([, volume]) => volume.external !== true);
  for (const [key, volume] of declared) {
    if (wantsProtection(volume) && own.some((one) => one.name === volume.name)) {
      throw new MydockerError('refused', `volume ${volume.name} is protected`, {
        resource: `volumes.${key}`,
        hint: 'take `x-mydocker.protected` away to remove it',
      });
    }
  }
  const wanted = new Set(declared.map(([, volume]) => volume.name));
  const kept = own.filter((volume) => !wanted.has(volume.name));
  return {
    names: own.filter((volume) => wanted.has(volume.name)).map((volume) => volume.name),
    warnings: kept.map((volume) => `volume ${volume.name} is not declared in the files any more and is kept`),
  };
}

/** `local`: images that were built for the project, and those with no name of their own in the files; `all`: every image a service uses. */
async function serviceImages(
  runtime: Runtime,
  { desired, name }: ProjectOrName,
  { containers }: ContainerSelection,
  all: boolean,
): Promise<readonly string[]> {
  const services = desired?.project.services;
  const references =
    services === undefined
      ? containers.map((container) => ({
          reference: container.config.image.reference,
          local: [`${name}-${serviceNameOf(container)}`, `${name}_${serviceNameOf(container)}`].includes(container.config.image.reference),
        }))
      : Object.entries(services).map(([key, service]) => ({
          reference: imageName(desired?.project ?? { name, services }, key),
          local: service.image === undefined,
        }));
  const doomed = await Promise.all(
    references.map(async ({ reference, local }) => {
      const image = await runtime.images.get(reference);
      return image !== undefined && (all || local || image.config.labels[LABELS.project] === name) ? [reference] : [];
    }),
  );
  return [...new Set(doomed.flat())];
}
