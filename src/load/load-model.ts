import { join } from 'node:path';
import { makeCanonical } from './canonical/canonical.ts';
import { setDefaults } from './defaults.ts';
import type { Variables } from './environment/variables.ts';
import { applyExtends, type ExtendableFile } from './extends.ts';
import type { FileNames } from './files/file-names.ts';
import { applyIncludes } from './include.ts';
import { interpolate } from './interpolate/interpolate.ts';
import { mergeModels } from './merge/merge.ts';
import { enforceUnique } from './merge/unique.ts';
import { noVariables, resolveNames } from './normalize.ts';
import { resolvePaths } from './paths.ts';
import type { Problems } from './problems.ts';
import { readSource } from './read-source.ts';
import { applyResets } from './resets.ts';
import type { Source } from './source.ts';
import { cloneTree, isMapping, newMapping, originOf, type Mapping, type Value } from './tree.ts';
import { checkSchema } from './validate/check-schema.ts';
import { checkValues } from './validate/check-values.ts';
import { readPlainYaml } from './yaml/read-plain-yaml.ts';
import type { YamlDocument, YamlReader } from './yaml/yaml-document.ts';

export interface ModelContext {
  readonly files: FileNames;
  readonly problems: Problems;
  readonly interpolate: boolean;
  readonly resolvePaths: boolean;
  /** For what the plain reader leaves to it. */
  readonly readYaml: YamlReader;
  /** Files that were read, by path; kept when a load begins anew. */
  readonly sources: Map<string, Source>;
}

interface ParsedFile {
  readonly source: Source;
  readonly documents: readonly YamlDocument[];
}
interface Place {
  /** Absolute: where files that are named are looked for. */
  readonly workingDir: string;
  /** What relative paths of the model are put behind. */
  readonly pathBase: string | undefined;
}

/** Reads files and what they include and extend into one canonical dictionary. */
export class ModelLoader {
  /** Every file that was read, by absolute path. */
  readonly parsed = new Map<string, ParsedFile>();
  /** Values of configs and secrets that come from a variable, by `secrets.NAME`, as the file that defines them sees it. */
  readonly variableContents = new Map<string, string>();
  private readonly context: ModelContext;

  constructor(context: ModelContext) {
    this.context = context;
  }

  /** Throws when a file cannot be read or has syntax errors; all such files are named. */
  parse(paths: readonly string[]): readonly ParsedFile[] {
    const parsed = paths.map((path) => this.parseFile(path));
    this.context.problems.throwIfAny();
    return parsed.filter((file) => file !== undefined);
  }

  private parseFile(path: string): ParsedFile | undefined {
    const known = this.parsed.get(path);
    if (known !== undefined) return known;
    const source = this.context.sources.get(path) ?? readSource(path, this.context.files, this.context.problems);
    if (source === undefined) return undefined;
    this.context.sources.set(path, source);
    const plain = readPlainYaml(source);
    const documents = plain === undefined ? this.context.readYaml(source, this.context.problems) : [{ root: plain, resets: [] }];
    const file = { source, documents };
    this.parsed.set(path, file);
    return file;
  }

  load(paths: readonly string[], place: Place, variables: Variables, trail: readonly string[]): Mapping {
    let model = newMapping();
    for (const file of this.parse(paths)) model = this.addFile(model, file, place, variables, trail);
    this.context.problems.throwIfAny();
    setDefaults(model);
    checkValues(model, this.context.problems, !this.context.interpolate);
    if (place.pathBase !== undefined) resolvePaths(model, place.pathBase);
    this.resolveVariables(model, variables);
    return model;
  }

  private addFile(base: Mapping, file: ParsedFile, place: Place, variables: Variables, trail: readonly string[]): Mapping {
    const { problems } = this.context;
    let model = base;
    for (const document of file.documents) {
      const root = this.prepare(document, file.source, variables);
      if (root === undefined) continue;
      const extendable = new Map<string, ExtendableFile | undefined>();
      applyExtends(root, file.source.path, document.resets, {
        workingDir: place.workingDir,
        problems,
        remotes: this.context.files.remotes,
        display: (path) => this.context.files.display(path),
        load: (path) => {
          if (!extendable.has(path)) extendable.set(path, this.loadExtendable(path, variables));
          const known = extendable.get(path);
          return known && { ...known, root: cloneTree(known.root) };
        },
      });
      applyResets(model, document.resets);
      applyIncludes(root, {
        workingDir: place.workingDir,
        variables,
        resolvePaths: this.context.resolvePaths,
        files: this.context.files,
        problems,
        trail: [...trail, file.source.path],
        loadModel: (paths, inner, inherited, outer) => this.load(paths, inner, inherited, outer),
      });
      model = mergeModels(model, root, problems);
      enforceUnique(model, problems);
      checkSchema(model, problems);
      this.dropVersion(model, file.source);
      makeCanonical(model, problems, !this.context.interpolate);
      dropEmptyDns(model);
      enforceUnique(model, problems);
    }
    return model;
  }

  private prepare(document: YamlDocument, source: Source, variables: Variables): Mapping | undefined {
    const { problems } = this.context;
    if (!isMapping(document.root)) {
      problems.add('the top level of a compose file must be a mapping', { position: source.position(0) });
      return undefined;
    }
    const root = cloneTree(document.root);
    if (this.context.interpolate) interpolate(root, variables, problems);
    return root;
  }

  private loadExtendable(path: string, variables: Variables): ExtendableFile | undefined {
    const file = this.parseFile(path);
    if (file === undefined) return undefined;
    let root = newMapping();
    const resets = [];
    for (const document of file.documents) {
      const own = this.prepare(document, file.source, variables);
      if (own === undefined) continue;
      applyResets(root, document.resets);
      resets.push(...document.resets);
      root = mergeModels(root, own, this.context.problems);
      enforceUnique(root, this.context.problems);
      makeCanonical(root, this.context.problems, true);
    }
    return { root, resets };
  }

  private dropVersion(model: Mapping, source: Source): void {
    if (!('version' in model)) return;
    const origin = originOf(model, 'version');
    this.context.problems.warn(
      `${source.path}: the attribute \`version\` is obsolete, it will be ignored, please remove it to avoid potential confusion`,
      {
        position: origin?.source.position(origin.keyOffset ?? origin.offset),
      },
    );
    Reflect.deleteProperty(model, 'version');
  }

  /** Names without a value in lists, and contents from variables, as this set of files sees them. */
  private resolveVariables(model: Mapping, variables: Variables): void {
    const lookup = this.context.interpolate ? variables : noVariables;
    for (const service of mappings(model['services'])) {
      const environment = service['environment'];
      if (Array.isArray(environment)) service['environment'] = resolveNames(environment, lookup, true);
    }
    for (const kind of ['secrets', 'configs']) {
      const objects = model[kind];
      if (!isMapping(objects)) continue;
      for (const name of Object.keys(objects)) {
        const object = objects[name];
        const variable = isMapping(object) ? object['environment'] : undefined;
        const value = typeof variable === 'string' ? variables.get(variable) : undefined;
        const key = join(kind, name);
        if (value !== undefined && !this.variableContents.has(key)) this.variableContents.set(key, value);
      }
    }
  }
}

function mappings(section: Value | undefined): Mapping[] {
  return isMapping(section) ? Object.values(section).filter(isMapping) : [];
}

/** Docker Compose lets `dns: ${DNS}` be empty. */
function dropEmptyDns(model: Mapping): void {
  for (const service of mappings(model['services'])) {
    if (Array.isArray(service['dns'])) service['dns'] = service['dns'].filter((server) => server !== '' && server !== null);
  }
}
