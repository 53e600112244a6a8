import { MydockerError } from '../../errors.ts';
import { randomHex } from '../../util/random.ts';
import { layerPath } from '../store/layer-path.ts';
import { findImage } from '../images/find-image.ts';
import { markInUse } from '../images/image-users.ts';
import { register, stageImage } from '../images/import-image.ts';
import { hostArchitecture } from '../images/platform.ts';
import { canonicalName, parseTagged } from '../images/reference.ts';
import { withStaging } from '../images/staging.ts';
import type { RunConfig } from '../store/image-records.ts';
import { proxyVariables } from '../proxy-variables.ts';
import type { BuildRequest, BuiltImage } from '../../model/build-request.ts';
import type { BuildServices } from './build-services.ts';
import { checkInstructions } from './check-instructions.ts';
import { checkContext, emptyFolder, namedContext, readDockerfile } from './build-sources.ts';
import { parseDockerfile, type Instruction } from './dockerfile-lines.ts';
import { platformArgs } from './platform-args.ts';
import { checkCycles } from './stage-cycles.ts';
import { withLocalContexts } from './remote-source.ts';
import { StageBuilder, checkPlatform } from './stage-builder.ts';
import { findStage, planStages, problem, targetStage, type DockerfilePlan, type Stage } from './stages.ts';
import { nextKey, type StageState } from './stage-state.ts';
import type { CopyRoot } from './step-copy.ts';
import { WorkTree } from './work-tree.ts';

const SCRATCH: StageState = {
  key: nextKey('scratch'),
  layers: [],
  config: {},
  history: [],
  created: new Date(0).toISOString(),
  args: new Map(),
  winning: new Set(),
  cmdGiven: false,
};

/** Builds an image from a Dockerfile. Only the stages that the target needs are built. The names move to it at the very end. */
export async function buildImage(services: BuildServices, asked: BuildRequest): Promise<BuiltImage> {
  return withStaging(services.context, async (staging) => {
    const args = { ...proxyVariables((message) => services.context.warn(message)), ...asked.args };
    const request = await withLocalContexts({ ...asked, args }, services.context.core.path, staging);
    checkEntitlements(asked);
    checkContext(request);
    const { text, file } = readDockerfile(request);
    const instructions = parseDockerfile(text, file);
    checkInstructions(instructions, file);
    const plan = planStages(instructions, request.args, file, platformArgs(hostArchitecture(), request.target));
    const target = targetStage(plan, request.target, file);
    checkCycles(plan.stages, target, file);
    const names = request.tags.map((tag) => canonicalName(parseTagged(tag)));
    const build = new Build(services, request, { plan, file, staging });
    return finish(services, request, await build.stage(target), names, staging);
  });
}

function checkEntitlements({ entitlements }: BuildRequest): void {
  const unknown = entitlements.find((name) => !['network.host', 'security.insecure', 'device'].includes(name.replace(/=.*/, '')));
  if (unknown !== undefined) {
    throw new MydockerError('invalid', `unknown entitlement ${unknown}`, { hint: 'They are network.host, security.insecure and device.' });
  }
}

class Build {
  readonly #services: BuildServices;
  readonly #request: BuildRequest;
  readonly #plan: DockerfilePlan;
  readonly #file: string;
  readonly #staging: string;
  readonly #stages = new Map<number, Promise<StageState>>();
  readonly #roots = new Map<string, Promise<CopyRoot & { readonly key: string }>>();
  readonly #builder: StageBuilder;

  constructor(
    services: BuildServices,
    request: BuildRequest,
    { plan, file, staging }: { plan: DockerfilePlan; file: string; staging: string },
  ) {
    this.#services = services;
    this.#request = request;
    this.#plan = plan;
    this.#file = file;
    this.#staging = staging;
    const rootOf = (reference: string): Promise<CopyRoot & { readonly key: string }> => this.#rootOf(reference);
    this.#builder = new StageBuilder({ services, request, staging, globals: plan.globals, rootOf });
  }

  stage(stage: Stage): Promise<StageState> {
    const known = this.#stages.get(stage.index);
    if (known !== undefined) return known;
    const state = this.#buildStage(stage);
    this.#stages.set(stage.index, state);
    return state;
  }

  async #buildStage(stage: Stage): Promise<StageState> {
    checkPlatform(stage.platform, hostArchitecture());
    const earlier = this.#plan.stages.slice(0, stage.index);
    const base = await this.#baseOf(stage, earlier);
    const triggers = triggersOf(base.config, stage, this.#file);
    const instructions = [...triggers, ...stage.instructions];
    const label = stage.name === '' ? (this.#plan.stages.length > 1 ? `stage-${String(stage.index)} ` : '') : `${stage.name} `;
    let state: StageState = { ...base, config: withoutTriggers(base.config), cmdGiven: false };
    for (const [index, instruction] of instructions.entries()) {
      const title = `[${label}${String(index + 1)}/${String(instructions.length)}]`;
      state = await this.#located(instruction, () => this.#builder.step(state, instruction, title));
    }
    return state;
  }

  /** Says at which line of the Dockerfile it went wrong. */
  async #located<T>({ line, keyword, rest }: Instruction, use: () => Promise<T>): Promise<T> {
    try {
      return await use();
    } catch (error) {
      if (!(error instanceof MydockerError) || error.position !== undefined) throw error;
      throw new MydockerError(error.code, error.message, {
        resource: `${keyword} ${rest.split('\n')[0] ?? ''}`,
        position: { file: this.#file, line, column: 1 },
        cause: error,
        ...(error.hint === undefined ? {} : { hint: error.hint }),
      });
    }
  }

  async #baseOf(stage: Stage, earlier: readonly Stage[]): Promise<StageState> {
    const before = findStageByName(earlier, stage.base);
    if (before !== undefined) return this.stage(before);
    const context = namedContext(this.#request, stage.base);
    if (context !== undefined && 'folder' in context)
      throw problem(this.#file, stage.line, `FROM ${stage.base}: this context is a folder, not an image`);
    const state = context === undefined && stage.base === 'scratch' ? SCRATCH : await this.#imageState(context?.image ?? stage.base);
    return { ...state, config: withPath(state.config) };
  }

  async #imageState(reference: string): Promise<StageState> {
    const { images, pull } = this.#services;
    if (pull !== undefined && (this.#request.pull || (await images.get(reference)) === undefined)) await pull(reference);
    return images.library.withLock(() => Promise.resolve(this.#stateOf(reference)));
  }

  /** Only with the images' lock held: from here on the layers stay until the build has ended. */
  #stateOf(reference: string): StageState {
    const { images } = this.#services;
    const found = findImage(images.library, images.library.readEntries(), reference);
    if (found === undefined) {
      throw new MydockerError('not-found', `image ${reference} is not here`, {
        resource: `FROM ${reference}`,
        hint: 'Import or load it with `mydocker import` or `mydocker load`.',
      });
    }
    const id = images.library.readManifest(found.descriptor.digest).config.digest;
    const config = images.library.readConfig(id);
    markInUse(this.#staging, config.rootfs.diff_ids ?? []);
    return {
      ...SCRATCH,
      key: nextKey('image', id),
      layers: config.rootfs.diff_ids ?? [],
      config: config.config ?? {},
      history: config.history ?? [],
      created: config.created ?? SCRATCH.created,
    };
  }

  /** What `--from` means; the files of a stage or image are copied out once for the whole build. */
  #rootOf(reference: string): Promise<CopyRoot & { readonly key: string }> {
    const known = this.#roots.get(reference);
    if (known !== undefined) return known;
    const root = this.#findRoot(reference);
    this.#roots.set(reference, root);
    return root;
  }

  async #findRoot(reference: string): Promise<CopyRoot & { readonly key: string }> {
    const stage = findStage(this.#plan.stages, reference);
    const context = stage === undefined ? namedContext(this.#request, reference) : undefined;
    if (context !== undefined && 'folder' in context) return { root: context.folder, ignore: undefined, keepsOwners: false, key: 'folder' };
    const state = stage === undefined ? await this.#imageState(context?.image ?? reference) : await this.stage(stage);
    return { root: await this.#extract(state), ignore: undefined, keepsOwners: true, key: state.key };
  }

  async #extract(state: StageState): Promise<string> {
    const { context } = this.#services;
    const [only, ...more] = state.layers;
    if (only !== undefined && more.length === 0) return layerPath(context.roots, only);
    const name = `files-${randomHex(6)}`;
    const folder = await emptyFolder(this.#staging, name);
    const tree = await WorkTree.open(context, this.#staging, state.layers);
    await tree.copyOut('/', folder, '.');
    return folder;
  }
}

/** FROM takes a stage by its name only: a number would be an image. */
function findStageByName(stages: readonly Stage[], name: string): Stage | undefined {
  return stages.findLast((stage) => stage.name !== '' && stage.name === name.toLowerCase());
}

function triggersOf({ OnBuild }: RunConfig, { line }: Stage, file: string): readonly Instruction[] {
  const triggers = (OnBuild ?? []).flatMap((trigger) => parseDockerfile(trigger, file)).map((instruction) => ({ ...instruction, line }));
  checkInstructions(triggers, file);
  return triggers;
}

const DEFAULT_PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Every image that is built has a PATH, so that `ENV PATH=/more:$PATH` can count on one. */
function withPath(config: RunConfig): RunConfig {
  const { Env: environment } = config;
  if (environment?.some((pair) => pair.startsWith('PATH=')) === true) return config;
  return { ...config, Env: [DEFAULT_PATH, ...(environment ?? [])] };
}

function withoutTriggers({ OnBuild: _, ...config }: RunConfig): RunConfig {
  return config;
}

async function finish(
  { context, images }: BuildServices,
  { labels, tags, say }: BuildRequest,
  state: StageState,
  names: readonly string[],
  staging: string,
): Promise<BuiltImage> {
  const config: RunConfig =
    Object.keys(labels).length === 0 ? state.config : { ...state.config, Labels: { ...state.config.Labels, ...labels } };
  const image = await stageImage(
    staging,
    {
      architecture: hostArchitecture(),
      os: 'linux',
      created: state.created,
      ...(state.author === undefined ? {} : { author: state.author }),
      config,
      rootfs: { type: 'layers', diff_ids: [...state.layers] },
      history: [...state.history],
    },
    state.layers.map((diffId) => images.library.layerBlob(diffId)),
  );
  await register(context, images.library, image, names);
  context.events.append({ type: 'image', action: 'build', id: image.id, attributes: names.length > 0 ? { name: names.join(' ') } : {} });
  say(`writing image ${image.id}`);
  for (const tag of tags) say(`naming to ${tag}`);
  return { id: image.id, tags };
}
