import { MydockerError, type Position } from '../errors.ts';
import type { Project } from '../model/project.ts';
import { resolveProjectFiles, defaultProjectName, normalizeProjectName, type ProjectFiles } from './files/project-files.ts';
import { Inputs, type InputAnswers } from './files/inputs.ts';
import { NeedsRemoteFile, RemoteFiles } from './files/remote-files.ts';
import { interpolateText } from './interpolate/interpolate.ts';
import { TemplateError } from './interpolate/template.ts';
import { ModelLoader } from './load-model.ts';
import type { LoadOptions } from './load-options.ts';
import { normalize, noVariables } from './normalize.ts';
import { positionOf, Problems } from './problems.ts';
import { applyProfiles, dropUnused, selectServices } from './project/selection.ts';
import { resolveEnvironments, resolveLabels } from './project/service-files.ts';
import { toProject } from './project/to-project.ts';
import type { Source } from './source.ts';
import { isMapping, originAt, originOf, type Mapping } from './tree.ts';
import { checkConsistency } from './validate/check-consistency.ts';
import { NeedsFullReader, type YamlReader } from './yaml/yaml-document.ts';

export type { LoadOptions } from './load-options.ts';

/** Something to say about the files; errors are thrown together as one `MydockerError('several')`. */
export type Problem = Pick<MydockerError, 'code' | 'message' | 'resource' | 'position' | 'hint'>;

/** The merged dictionary before it gets its types: what `--no-interpolate` shows. */
export interface LoadedModel {
  readonly name: string;
  readonly model: Mapping;
  readonly warnings: readonly Problem[];
  /** What interpolation saw: process environment, then the .env files. */
  readonly environment: Readonly<Record<string, string>>;
  /** Absolute paths of the top-level files, for labels; `-` for standard input. */
  readonly files: readonly string[];
  /** The project directory, absolute. */
  readonly workingDir: string;
  /** Values of configs and secrets with `environment`, by `secrets/NAME` and `configs/NAME`. */
  readonly variableContents: ReadonlyMap<string, string>;
  /** Where the value at this path of the model was last defined; of the nearest ancestor where it came from nowhere. */
  locate(path: readonly (string | number)[]): Position | undefined;
  /** Text of a file that was read, for the line an error points at. */
  sourceText(file: string): string | undefined;
}

export interface LoadResult extends LoadedModel {
  readonly project: Project;
  /** Services left out because none of their profiles is on, or because others were named. */
  readonly disabledServices: Project['services'];
  /** What the result was made from, besides the options; undefined when that cannot be asked for again. */
  readonly inputs: InputAnswers | undefined;
}

interface Loading {
  readonly loaded: LoadedModel;
  readonly place: ProjectFiles;
  readonly problems: Problems;
}

/** Reads the compose files that the options say into a project, or throws every problem found. */
export async function loadProject(options: LoadOptions): Promise<LoadResult> {
  const { loaded, place, problems } = await start(options);
  const { model } = loaded;
  const report = (path: readonly (string | number)[], message: string, hint?: string): void => {
    problems.addAt(model, path, message, hint);
  };
  const all = toProject(model, loaded.name, problems);
  problems.throwIfAny();
  let selection = applyProfiles(all.services, place.profiles);
  if (options.checkConsistency !== false) {
    checkConsistency({ ...all, services: selection.enabled }, selection.disabled, report);
    problems.throwIfAny();
  }
  selection = selectServices(selection, place.profiles, options.services ?? []);
  if (options.forRuntime === true) {
    const { checkRunnable } = await import('./validate/check-runnable.ts');
    checkRunnable({ ...all, services: selection.enabled }, loaded.variableContents, report);
    problems.throwIfAny();
  }
  const context = {
    variables: place.variables,
    files: place.files,
    problems,
    locate: (path: readonly (string | number)[]) => loaded.locate(path),
    forRuntime: options.forRuntime === true,
  };
  let services: Project['services'] = selection.enabled;
  if (options.resolveEnvironment !== false) services = resolveEnvironments(services, context);
  services = resolveLabels(services, context);
  problems.throwIfAny();
  const whole = { ...all, services };
  const project = options.allResources === true ? whole : dropUnused(whole);
  const { inputs } = place.files;
  // `paths.ts` follows `~` and the links of watched paths by itself.
  if (inputs.variable('HOME') === undefined || Object.values(all.services).some(({ develop }) => develop !== undefined)) inputs.forget();
  return { ...loaded, project, disabledServices: selection.disabled, warnings: problems.warnings, inputs: inputs.answers() };
}

/** As `loadProject`, up to the merged and normalised dictionary; what it holds need not make sense as a project. */
export async function loadModel(options: LoadOptions): Promise<LoadedModel> {
  const { loaded, problems } = await start(options);
  problems.throwIfAny();
  return { ...loaded, warnings: problems.warnings };
}

/** The full YAML reader is only loaded when a file needs it, remote files are fetched where they are named: then the load begins anew. */
async function start(options: LoadOptions): Promise<Loading> {
  const sources = new Map<string, Source>();
  const inputs = new Inputs(options.environment ?? process.env);
  const remotes = new RemoteFiles(options.fetchRemote, inputs);
  let readYaml: YamlReader = () => {
    throw new NeedsFullReader();
  };
  for (;;) {
    try {
      return startWith(options, { inputs, remotes, sources, readYaml });
    } catch (error) {
      if (error instanceof NeedsFullReader) ({ readYaml } = await import('./yaml/read-yaml.ts'));
      else if (error instanceof NeedsRemoteFile) await remotes.fetch(error.reference);
      else throw error;
    }
  }
}

/** What is kept when a load begins anew. */
interface Found {
  readonly inputs: Inputs;
  readonly remotes: RemoteFiles;
  readonly sources: Map<string, Source>;
  readonly readYaml: YamlReader;
}

function startWith(options: LoadOptions, { inputs, remotes, sources, readYaml }: Found): Loading {
  const problems = new Problems();
  const place = resolveProjectFiles(options, inputs, remotes, problems);
  problems.throwIfAny();
  if (place.configFiles.length === 0) {
    throw new MydockerError('not-found', 'no configuration file provided: not found', {
      hint: 'create compose.yaml here or in a parent directory, or name one with -f',
    });
  }
  const interpolate = options.interpolate !== false;
  const resolvePaths = options.resolvePaths !== false;
  const loader = new ModelLoader({ files: place.files, problems, interpolate, resolvePaths, readYaml, sources });
  const name = place.givenName ?? nameFromFiles(loader, place, options, problems) ?? defaultProjectName(place.workingDir);
  place.variables.set('COMPOSE_PROJECT_NAME', name);
  const pathBase = resolvePaths ? place.workingDir : undefined;
  const model = loader.load(place.configFiles, { workingDir: place.workingDir, pathBase }, place.variables, []);
  if (Object.keys(model).length === 0) throw new MydockerError('invalid', 'empty compose file');
  if (name === '') {
    throw new MydockerError('invalid', 'project name must not be empty', { hint: 'give one with -p, or with name: in the file' });
  }
  if (options.normalize !== false) normalize(model, name, interpolate ? place.variables : noVariables);
  const texts = new Map([...loader.parsed.values()].map(({ source }) => [source.name, source.text]));
  const loaded: LoadedModel = {
    name,
    model,
    warnings: problems.warnings,
    environment: place.variables.toRecord(),
    files: place.configFiles,
    workingDir: place.workingDir,
    variableContents: loader.variableContents,
    locate: (path) => positionOf(originAt(model, path)),
    sourceText: (file) => texts.get(file),
  };
  return { loaded, place, problems };
}

/** The last `name:` of the top-level files. */
function nameFromFiles(loader: ModelLoader, place: ProjectFiles, options: LoadOptions, problems: Problems): string | undefined {
  let found: string | undefined;
  let position: Position | undefined;
  for (const { documents } of loader.parse(place.configFiles)) {
    for (const { root } of documents) {
      const name = isMapping(root) ? root['name'] : undefined;
      if (!isMapping(root) || typeof name !== 'string' || name === '') continue;
      found = name;
      position = positionOf(originOf(root, 'name'));
    }
  }
  if (found === undefined) return undefined;
  try {
    const name = options.interpolate === false ? found : interpolateText(found, place.variables);
    if (name === '') {
      problems.add(`project name must not be empty: ${JSON.stringify(found)} has no value`, {
        path: ['name'],
        position,
        hint: 'set the variable, give it a default (${NAME:-app}), or name the project with -p',
      });
      return undefined;
    }
    return options.normalize === false ? name : normalizeProjectName(name);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    problems.add(error.message, { path: ['name'], position });
    return undefined;
  }
}
