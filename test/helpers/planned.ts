import { applyPlan, type ApplyResult } from '../../src/apply/apply-plan.ts';
import { liveHandlers } from '../../src/apply/live-handlers.ts';
import { networkHash, serviceHash, volumeHash } from '../../src/model/config-hash.ts';
import { imageName } from '../../src/model/image-name.ts';
import { formatPlan, type Plan } from '../../src/model/plan.ts';
import type { Project } from '../../src/model/project.ts';
import type { Runtime } from '../../src/model/runtime.ts';
import type { Service } from '../../src/model/service.ts';
import type { Desired, Observed } from '../../src/plan/desired.ts';
import { planUp } from '../../src/plan/plan-up.ts';
import { PLAIN_UP, type UpRequest } from '../../src/plan/up-request.ts';

export type ServiceSketch = Omit<Service, 'image'> & { readonly image?: string };

/** A project called `demo` on network `default`, as the loader would give it. */
export function sketch(services: Readonly<Record<string, ServiceSketch>>, rest: Partial<Project> = {}): Desired {
  const project: Project = {
    name: 'demo',
    networks: { default: { name: 'demo_default' } },
    services: Object.fromEntries(
      Object.entries(services).map(([name, service]) => [name, { image: 'busybox', networks: { default: null }, ...service }]),
    ),
    ...rest,
  };
  const hashes = <T>(record: Readonly<Record<string, T>> | undefined, hash: (value: T) => string): Record<string, string> =>
    Object.fromEntries(Object.entries(record ?? {}).map(([key, value]) => [key, hash(value)]));
  return {
    project,
    disabledServices: {},
    variableContents: new Map(),
    contents: new Map(),
    configFiles: ['/p/compose.yaml'],
    workingDir: '/p',
    seccompProfiles: new Map(),
    serviceHashes: hashes(project.services, serviceHash),
    networkHashes: hashes(project.networks, networkHash),
    volumeHashes: hashes(project.volumes, volumeHash),
  };
}

async function observeAll(runtime: Runtime, { project }: Desired): Promise<Observed> {
  const images = new Map<string, NonNullable<Awaited<ReturnType<Runtime['images']['get']>>>>();
  for (const name of Object.keys(project.services)) {
    const reference = imageName(project, name);
    const image = await runtime.images.get(reference);
    if (image !== undefined) images.set(reference, image);
  }
  return {
    containers: await runtime.containers.list(),
    images,
    volumes: new Map((await runtime.volumes.list()).map((volume) => [volume.name, volume])),
    networks: new Map((await runtime.networks.list()).map((network) => [network.name, network])),
    at: Date.UTC(2026, 0, 2),
  };
}

/** A project in time: every `up` remembers the models before it, as the records do. */
export class Timeline {
  readonly #services = new Map<string, Service>();
  #project: Project | undefined;

  constructor(readonly runtime: Runtime) {}

  async plan(desired: Desired, request: Partial<UpRequest> = {}): Promise<Plan> {
    const recorded = { services: this.#services, ...(this.#project === undefined ? {} : { project: this.#project }) };
    return planUp(desired, recorded, await observeAll(this.runtime, desired), { ...PLAIN_UP, ...request });
  }

  async text(desired: Desired, request: Partial<UpRequest> = {}): Promise<string> {
    return formatPlan(await this.plan(desired, request));
  }

  async up(desired: Desired, request: Partial<UpRequest> = {}): Promise<ApplyResult> {
    const plan = await this.plan(desired, request);
    for (const [name, service] of Object.entries(desired.project.services)) this.#services.set(desired.serviceHashes[name] ?? '', service);
    this.#project = desired.project;
    return this.apply(plan, desired);
  }

  apply(plan: Plan, desired?: Desired, parallel = 10): Promise<ApplyResult> {
    const handlers = liveHandlers({
      runtime: this.runtime,
      projectName: plan.project,
      made: new Map(),
      warn: () => undefined,
      ...(desired === undefined ? {} : { desired }),
    });
    return applyPlan(plan, handlers, { parallel, onEvent: () => undefined });
  }
}
