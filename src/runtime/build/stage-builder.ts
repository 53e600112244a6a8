import { join } from 'node:path';
import { MydockerError } from '../../errors.ts';
import { randomHex } from '../../util/random.ts';
import { pack, unpack } from '../images/core-program.ts';
import { packWriteLayer } from '../images/commit-container.ts';
import { writeLayerPath } from '../images/container-tree.ts';
import { markInUse } from '../images/image-users.ts';
import { applyInstruction, isConfigInstruction } from '../images/instructions.ts';
import { expandWord, type Lookup } from '../images/shell-words.ts';
import { readBuildRecord, writeBuildRecord } from '../store/build-record.ts';
import type { BuildRequest } from '../../model/build-request.ts';
import { bindSource, hashBind, type BindWish } from './bind-sources.ts';
import { openAgentSocket, type AgentAccess, type AgentSocket } from './agent-socket.ts';
import type { BuildServices } from './build-services.ts';
import { emptyFolder, readIgnoreFile } from './build-sources.ts';
import { HISTORY_COMMENT, historyOfConfig, historyOfCopy, historyOfRun } from './history-text.ts';
import { missingPaths, removeStubs } from './mount-stubs.ts';
import { resolveOwner } from './owner.ts';
import { shellOf } from './check-instructions.ts';
import { parseCopy } from './copy-flags.ts';
import type { Instruction } from './dockerfile-lines.ts';
import { bindWish, runMount } from './run-mounts.ts';
import { argsOf } from './stages.ts';
import { lookupOf, nextKey, splitPair, type StageState } from './stage-state.ts';
import { copyItems, findItems, type CopyRoot } from './step-copy.ts';
import { runArgs, runEnvironment, withRunContainer } from './step-run.ts';
import { WorkTree } from './work-tree.ts';

/** Variables that are known without an ARG; they do not count for the cache. */
const PROXIES: ReadonlySet<string> = new Set(
  ['HTTP_PROXY', 'HTTPS_PROXY', 'FTP_PROXY', 'NO_PROXY', 'ALL_PROXY'].flatMap((name) => [name, name.toLowerCase()]),
);

/** What a stage asks of the whole build. */
export interface StageHost {
  readonly services: BuildServices;
  readonly request: BuildRequest;
  readonly staging: string;
  readonly globals: ReadonlyMap<string, string>;
  /** Files of another stage, a named context or an image; the hash that stands for all of them. */
  rootOf(reference: string): Promise<CopyRoot & { readonly key: string }>;
}

/** Folder of the write layer that a step filled. */
type FilledLayer = string | undefined;

/** Executes the instructions of one stage, or takes over what an earlier build made of them. */
export class StageBuilder {
  readonly #host: StageHost;

  constructor(host: StageHost) {
    this.#host = host;
  }

  async step(state: StageState, instruction: Instruction, title: string): Promise<StageState> {
    const { keyword, rest } = instruction;
    const say = (suffix: string): void => this.#host.request.say(`${title} ${keyword} ${rest}${suffix}`);
    if (keyword === 'ARG') return this.#declareArgs(state, rest);
    if (keyword === 'RUN') return this.#run(state, instruction, say);
    if (keyword === 'COPY' || keyword === 'ADD') return this.#copy(state, instruction, say);
    if (keyword === 'WORKDIR') return this.#changeFolder(state, rest, say);
    if (keyword === 'SHELL') return this.#configure(state, instruction, { ...state.config, Shell: [...shellOf(rest)] });
    if (keyword === 'ONBUILD') return { ...state, config: applyInstruction(state.config, keyword, rest) };
    if (keyword === 'MAINTAINER') return { ...(await this.#configure(state, instruction, state.config)), author: rest };
    if (!isConfigInstruction(keyword)) throw new MydockerError('invalid', `unknown instruction: ${keyword}`);
    const config = applyInstruction(state.config, keyword, rest, { lookup: lookupOf(state), cmdGiven: state.cmdGiven });
    const next = await this.#configure(state, instruction, config);
    if (keyword === 'CMD') return { ...next, cmdGiven: true };
    return keyword === 'ENV' ? { ...next, winning: winningAfter(state, rest) } : next;
  }

  #declareArgs(state: StageState, rest: string): StageState {
    const { request, globals } = this.#host;
    const args = new Map(state.args);
    const winning = new Set(state.winning);
    const shown: string[] = [];
    for (const [name, fallback] of argsOf(rest, lookupOf(state))) {
      const value = request.args[name] ?? fallback ?? globals.get(name);
      if (value !== undefined) {
        args.set(name, value);
        winning.add(name);
      }
      shown.push(value === undefined ? name : `${name}=${value}`);
    }
    return {
      ...state,
      args,
      winning,
      history: [
        ...state.history,
        { created: state.created, created_by: `ARG ${shown.join(' ')}`, comment: HISTORY_COMMENT, empty_layer: true },
      ],
    };
  }

  async #configure(state: StageState, { keyword, rest }: Instruction, config: StageState['config']): Promise<StageState> {
    const next = await this.#cached(
      state,
      historyOfConfig(keyword, rest, state, config),
      [JSON.stringify(config)],
      () => Promise.resolve(undefined),
      () => undefined,
    );
    // What comes next does not depend on it, but by what that takes from the config itself.
    return { ...next, key: state.key, config };
  }

  async #changeFolder(state: StageState, rest: string, say: (suffix: string) => void): Promise<StageState> {
    const config = applyInstruction(state.config, 'WORKDIR', rest, { lookup: lookupOf(state) });
    const folder = config.WorkingDir ?? '/';
    const make = async (): Promise<FilledLayer> => {
      const tree = await this.#openTree(state);
      if ((await tree.stat(folder))?.entry.type === 'd') return undefined;
      const { uid, gid } = await resolveOwner(state.config.User ?? '', tree, this.#host.staging);
      await tree.ensureFolder(folder, await emptyFolder(this.#host.staging, 'empty'), ['--chown', `${String(uid)}:${String(gid)}`]);
      return tree.upper;
    };
    return { ...(await this.#cached(state, `WORKDIR ${folder}`, [state.config.User ?? ''], make, say)), config };
  }

  async #run(state: StageState, instruction: Instruction, say: (suffix: string) => void): Promise<StageState> {
    const { services, request, staging } = this.#host;
    const { flags } = instruction;
    const insecure = isInsecure(instruction, request);
    const args = runArgs(instruction, state);
    const mountTexts = flags.filter(([name]) => name === 'mount').map(([, text]) => text);
    const network = flags.find(([name]) => name === 'network')?.[1] ?? request.network;
    const environment = runEnvironment(state).filter((pair) => !PROXIES.has(pair.split('=')[0] ?? ''));
    const proxies = [...PROXIES].flatMap((name) => {
      const value = request.args[name] ?? request.args[otherCase(name)];
      return value === undefined ? [] : [`${name}=${value}`];
    });
    const parts = [
      ...args,
      ...environment,
      ...mountTexts,
      network,
      ...(insecure ? ['insecure'] : []),
      state.config.User ?? '',
      state.config.WorkingDir ?? '',
    ];
    const keys = await this.#mountKeys(mountTexts, lookupOf(state));
    let made: string | undefined;
    const make = async (): Promise<FilledLayer> => {
      const agents: AgentSocket[] = [];
      const sources = {
        caches: join(services.context.roots.data, 'build-cache', 'mounts'),
        secrets: request.secrets,
        agents: async (id: string, access: AgentAccess) => {
          const source = request.ssh.get(id);
          if (source === undefined) return undefined;
          const socket = await openAgentSocket(staging, source, access);
          agents.push(socket);
          return socket.path;
        },
        cwd: state.config.WorkingDir ?? '/',
        keyOf: async (reference: string) => (await this.#host.rootOf(reference)).key,
        copy: async (source: string, target: string) => {
          const { path: core } = services.context.core;
          await pack(core, ['--root', source, '--name', '.'], async (tar) => {
            await unpack(core, ['--mode', 'copy', '--root', target], tar);
          });
        },
        bound: async (wish: BindWish) => bindSource(await this.#copyRoot(wish.from), wish, services.context.core.path, staging),
      };
      try {
        const parts = await Promise.all(mountTexts.map((text, index) => runMount(text, index, sources, lookupOf(state))));
        const mounts = parts.flatMap((part) => part.mounts);
        const targets = mounts.map(({ target }) => target);
        const stubs = targets.length === 0 ? [] : await missingPaths(await this.#openTree(state), targets);
        const variables = [...proxies, ...parts.flatMap((part) => part.environment)];
        await withRunContainer(services, request, state, { args, mounts, variables, network, insecure }, async (id) => {
          const folder = writeLayerPath(services.context, id);
          await removeStubs(folder, stubs);
          made = await this.#layerOf(folder, staging, state.layers);
        });
      } finally {
        agents.forEach((agent) => agent.close());
      }
      return undefined;
    };
    const shown = new Map([...state.args].filter(([name]) => !PROXIES.has(name)));
    return this.#cached(state, historyOfRun(shown, args), [...parts, ...keys], make, say, () => made);
  }

  /** What `--from` and `from=` mean; empty is the build context. */
  async #copyRoot(from: string): Promise<CopyRoot & { readonly key: string }> {
    const { request } = this.#host;
    return from === '' ? { root: request.context, ignore: readIgnoreFile(request), keepsOwners: false, key: '' } : this.#host.rootOf(from);
  }

  /** What stands for the files that the mounts of a RUN show. */
  async #mountKeys(texts: readonly string[], lookup: Lookup): Promise<readonly string[]> {
    const ofBinds = texts.map(async (text) => {
      const wish = bindWish(text, lookup);
      const root = wish === undefined ? undefined : await this.#copyRoot(wish.from);
      return wish === undefined || root === undefined || root.keepsOwners ? '' : hashBind(root, wish);
    });
    const from = texts.flatMap((text) => /(?:^|,)from=([^,]+)/.exec(text)?.[1] ?? []);
    const ofStages = from.map(async (reference) => (await this.#host.rootOf(reference)).key);
    return (await Promise.all([...ofStages, ...ofBinds])).filter((key) => key !== '');
  }

  async #copy(state: StageState, instruction: Instruction, say: (suffix: string) => void): Promise<StageState> {
    const { staging } = this.#host;
    const copy = parseCopy(instruction, lookupOf(state));
    const from = await this.#copyRoot(copy.from);
    const found = await findItems(copy, from, staging, instruction.keyword === 'ADD');
    const cwd = state.config.WorkingDir ?? '/';
    const parts = [
      from.key,
      found.hash,
      copy.target,
      cwd,
      copy.chown,
      copy.chmod,
      instruction.keyword,
      ...(copy.parents ? ['parents'] : []),
    ];
    const make = async (): Promise<FilledLayer> => {
      const tree = await this.#openTree(state);
      await copyItems(found, copy, { tree, staging, cwd, keepsOwners: from.keepsOwners, unpacks: instruction.keyword === 'ADD' });
      return tree.upper;
    };
    return this.#cached(state, historyOfCopy(instruction), [...parts, String(copy.unpack)], make, say);
  }

  /** Goes on from what the cache has for this step, or makes it. `madeLayer` is a layer that `make` registered itself. */
  async #cached(
    state: StageState,
    text: string,
    parts: readonly string[],
    make: () => Promise<FilledLayer>,
    say: (suffix: string) => void,
    madeLayer: () => string | undefined = () => undefined,
  ): Promise<StageState> {
    const { services, request, staging } = this.#host;
    const { roots } = services.context;
    const key = nextKey(state.key, text, ...parts);
    // Services that share steps build at the same time: one of them makes a step, the others take it over.
    while (!request.noCache && services.underWay.has(key)) await services.underWay.get(key)?.catch(() => undefined);
    const known = request.noCache ? undefined : readBuildRecord(roots, key);
    if (known !== undefined && (known.layer === undefined || (await this.#takeOver(known.layer)))) {
      say(' (cached)');
      return advance(state, key, text, known.created, known.layer);
    }
    say('');
    const making = (async () => {
      const folder = await make();
      const layer = folder === undefined ? madeLayer() : await this.#layerOf(folder, staging, state.layers);
      const created = new Date().toISOString();
      await writeBuildRecord(roots, key, { version: 1, created, ...(layer === undefined ? {} : { layer }) });
      return advance(state, key, text, created, layer);
    })();
    services.underWay.set(key, making);
    try {
      return await making;
    } finally {
      services.underWay.delete(key);
    }
  }

  /** The write layer as a layer of the store; undefined when nothing is in it. */
  async #layerOf(folder: string, staging: string, below: readonly string[]): Promise<string | undefined> {
    const { context, images } = this.#host.services;
    const own = await emptyFolder(staging, `layer-${randomHex(6)}`);
    const tarPath = join(own, 'layer.tar');
    const { layer, descriptor } = await packWriteLayer(context, own, tarPath, folder, below);
    if (layer === undefined || descriptor === undefined) return undefined;
    await images.library.withLock(() => {
      markInUse(staging, [layer.diffId]);
      return images.library.adoptFiles([layer], new Map([[descriptor.digest, tarPath]]));
    });
    return layer.diffId;
  }

  /** Whether a layer of an earlier build is there; it stays until this one has ended. */
  #takeOver(layer: string): Promise<boolean> {
    const { library } = this.#host.services.images;
    return library.withLock(() => {
      markInUse(this.#host.staging, [layer]);
      return Promise.resolve(library.hasLayer(layer));
    });
  }

  #openTree(state: StageState): Promise<WorkTree> {
    return WorkTree.open(this.#host.services.context, this.#host.staging, state.layers);
  }
}

function winningAfter(state: StageState, rest: string): StageState['winning'] {
  const { Env: set = [] } = applyInstruction({}, 'ENV', rest, { lookup: lookupOf(state) });
  const names = new Set((set ?? []).map((pair) => splitPair(pair)[0]));
  return new Set([...state.winning].filter((name) => !names.has(name)));
}

/** Whether the RUN asks for all privileges. Throws `refused` when they were not granted. */
function isInsecure({ flags }: Instruction, { entitlements }: BuildRequest): boolean {
  const mode = flags.find(([name]) => name === 'security')?.[1] ?? 'sandbox';
  if (mode === 'sandbox') return false;
  if (mode !== 'insecure') throw new MydockerError('invalid', `RUN --security=${mode}: it is sandbox or insecure`);
  if (entitlements.includes('security.insecure')) return true;
  throw new MydockerError('refused', 'security.insecure is not allowed', {
    hint: 'Allow it: build.entitlements: [security.insecure] in the compose file, --allow security.insecure for `mydocker build`.',
  });
}

function advance(state: StageState, key: string, text: string, created: string, layer: string | undefined): StageState {
  const entry = { created, created_by: text, comment: HISTORY_COMMENT };
  return {
    ...state,
    key,
    created,
    layers: layer === undefined ? state.layers : [...state.layers, layer],
    history: [...state.history, layer === undefined ? { ...entry, empty_layer: true } : entry],
  };
}

function otherCase(name: string): string {
  return name === name.toUpperCase() ? name.toLowerCase() : name.toUpperCase();
}

/** A FROM's platform, checked: only images of this machine can be run. */
export function checkPlatform(platform: string, own: string): void {
  const wanted = expandWord(platform, () => undefined);
  if (wanted === '' || wanted === own || wanted === `linux/${own}`) return;
  throw new MydockerError('unsupported', `the platform ${wanted} is not this machine's, linux/${own}`);
}
