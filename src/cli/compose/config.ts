import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { MydockerError } from '../../errors.ts';
import type { LoadOptions } from '../../load/load-options.ts';
import { loadModel, loadProject, type LoadResult } from '../../load/load-project.ts';
import type { Runtime } from '../../model/runtime.ts';
import { reasonOf } from '../../util/errno.ts';
import { writeErr, writeOut } from '../../util/stdio.ts';
import { fetchRemote } from './session/fetch-remote.ts';

/** What this command needs of the program around it. */
interface Session {
  readonly globals: Required<Pick<LoadOptions, 'files' | 'profiles' | 'envFiles' | 'allResources'>> &
    Pick<LoadOptions, 'projectName' | 'projectDirectory'> & { readonly compatibility: boolean };
  runtime(): Promise<Runtime>;
}

interface ConfigFlags {
  readonly format?: string;
  readonly output?: string;
  readonly quiet?: boolean;
  readonly interpolate: boolean;
  readonly normalize: boolean;
  readonly pathResolution: boolean;
  readonly consistency: boolean;
  readonly resolveImageDigests?: boolean;
  readonly lockImageDigests?: boolean;
  readonly services?: boolean;
  readonly volumes?: boolean;
  readonly networks?: boolean;
  readonly models?: boolean;
  readonly profiles?: boolean;
  readonly images?: boolean;
  readonly hash?: string;
  readonly variables?: boolean;
  readonly environment?: boolean;
  readonly explain?: string;
}

export function defineConfig(command: Command, session: Session): void {
  command
    .argument('[services...]')
    .option('--format <format>', 'Format the output: yaml, json')
    .option('-o, --output <file>', 'Save to file (default to stdout)')
    .option('-q, --quiet', "Only validate the configuration, don't print anything")
    .option('--no-interpolate', "Don't interpolate environment variables")
    .option('--no-normalize', "Don't normalize compose model")
    .option('--no-path-resolution', "Don't resolve file paths")
    .option('--no-consistency', "Don't check model consistency: may produce invalid output")
    .option('--no-env-resolution', "Don't resolve service env files")
    .option('--resolve-image-digests', 'Pin image tags to digests')
    .option('--lock-image-digests', 'Produces an override file with image digests')
    .option('--services', 'Print the service names, one per line')
    .option('--volumes', 'Print the volume names, one per line')
    .option('--networks', 'Print the network names, one per line')
    .option('--models', 'Print the model names, one per line')
    .option('--profiles', 'Print the profile names, one per line')
    .option('--images', 'Print the image names, one per line')
    .option('--hash <services>', 'Print the service config hash, one per line; "*" is every service')
    .option('--variables', 'Print model variables and default values')
    .option('--environment', 'Print environment used for interpolation')
    .option('--explain <path>', 'Print the value at a path, such as services.web.ports, and what made it')
    .addHelpText(
      'after',
      '\nExamples:\n  mydocker-compose config --services\n  mydocker-compose config --explain services.web.environment.PORT',
    )
    .action(async (services: readonly string[], flags: ConfigFlags) => {
      const text = await render(session, services, flags);
      if (flags.quiet === true) return;
      if (flags.output !== undefined && text !== '') writeFile(flags.output, text);
      else writeOut(text);
    });
}

function writeFile(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw new MydockerError('host', `cannot write ${path}: ${reasonOf(error)}`, { cause: error });
  }
}

async function render(session: Session, services: readonly string[], flags: ConfigFlags): Promise<string> {
  const options = loadOptions(session, flags);
  if (flags.explain !== undefined) return explain(flags.explain, options);
  if (flags.services === true) return lines(await serviceNames(options, flags));
  if (flags.variables === true) return listVariables({ ...options, interpolate: false }, flags);
  if (flags.hash !== undefined) return hashes(flags.hash, await load(options));
  if (flags.volumes === true) return lines(Object.keys((await load(options)).project.volumes ?? {}));
  if (flags.networks === true) return lines(Object.keys((await load(options)).project.networks ?? {}));
  if (flags.models === true) return lines(Object.values((await load(options)).project.models ?? {}).map(({ model }) => model ?? ''));
  const selected = { ...options, services };
  if (flags.profiles === true) return lines(profileNames(await load(selected)));
  if (flags.images === true) return lines(await imageNames(await load(selected), session));
  if (flags.environment === true) {
    const { environment } = await load({ ...selected, resolveEnvironment: true });
    return lines(Object.entries(environment).map(([name, value]) => `${name}=${value}`));
  }
  return printModel(selected, flags, session);
}

function loadOptions({ globals }: Session, flags: ConfigFlags): LoadOptions {
  return {
    files: globals.files,
    profiles: globals.profiles,
    envFiles: globals.envFiles,
    allResources: globals.allResources,
    ...(globals.projectName === undefined ? {} : { projectName: globals.projectName }),
    ...(globals.projectDirectory === undefined ? {} : { projectDirectory: globals.projectDirectory }),
    interpolate: flags.interpolate,
    // As Docker Compose has it.
    normalize: flags.normalize && !globals.compatibility,
    resolvePaths: flags.pathResolution,
    checkConsistency: flags.consistency,
    resolveEnvironment: false,
    fetchRemote,
  };
}

async function load(options: LoadOptions): Promise<LoadResult> {
  const result = await loadProject(options);
  printWarnings(result.warnings);
  return result;
}

function printWarnings(warnings: LoadResult['warnings']): void {
  for (const { message } of warnings) writeErr(`warning: ${message}\n`);
}

function lines(items: Iterable<string>): string {
  return [...items].map((item) => `${item}\n`).join('');
}

async function serviceNames(options: LoadOptions, flags: ConfigFlags): Promise<string[]> {
  if (flags.interpolate) return inDependencyOrder(await load(options));
  const { model, warnings } = await loadModel(options);
  printWarnings(warnings);
  return Object.keys(model['services'] ?? {});
}

/** Dependencies before what depends on them; without recursion, as chains can be long. */
function inDependencyOrder({ project }: LoadResult): string[] {
  const ordered = new Set<string>();
  const entered = new Set<string>();
  const stack = Object.keys(project.services).reverse();
  for (let name = stack.at(-1); name !== undefined; name = stack.at(-1)) {
    const waiting = Object.keys(project.services[name]?.depends_on ?? {}).filter((key) => key in project.services && !entered.has(key));
    if (entered.has(name) || waiting.length === 0) {
      stack.pop();
      entered.add(name);
      ordered.add(name);
    } else {
      entered.add(name);
      stack.push(...waiting.reverse());
    }
  }
  return [...ordered];
}

function profileNames({ project, disabledServices }: LoadResult): string[] {
  const services = [...Object.values(project.services), ...Object.values(disabledServices)];
  return [...new Set(services.flatMap(({ profiles }) => profiles ?? []))].sort();
}

async function imageNames({ project: loaded }: LoadResult, { globals }: Session): Promise<string[]> {
  const project = globals.compatibility ? { ...loaded, separator: '_' as const } : loaded;
  const { imageName } = await import('../../model/image-name.ts');
  return Object.keys(project.services).map((name) => imageName(project, name));
}

async function hashes(which: string, { project }: LoadResult): Promise<string> {
  const { composeHash } = await import('../../load/output/compose-hash.ts');
  const { noSuchService } = await import('../../load/project/selection.ts');
  const names = which === '*' ? Object.keys(project.services) : which.split(',');
  return lines(
    names.sort().map((name) => {
      if (project.services[name] === undefined) throw noSuchService(name, Object.keys(project.services));
      return `${name} ${composeHash(project, name)}`;
    }),
  );
}

async function listVariables(options: LoadOptions, { format }: ConfigFlags): Promise<string> {
  const { findVariables, formatVariables } = await import('../../load/output/variables.ts');
  const { model } = await loadModel(options);
  return formatVariables(findVariables(model), format);
}

async function explain(path: string, options: LoadOptions): Promise<string> {
  const { explainPath } = await import('../../load/output/explain.ts');
  const result = await load({ ...options, resolveEnvironment: true });
  return explainPath(path, result);
}

async function printModel(options: LoadOptions, flags: ConfigFlags, session: Session): Promise<string> {
  const format = flags.format ?? 'yaml';
  if (format !== 'yaml' && format !== 'json') throw new MydockerError('usage', `unsupported format ${JSON.stringify(format)}`);
  if (!flags.interpolate) {
    const { model, warnings } = await loadModel(options);
    printWarnings(warnings);
    if (format === 'json') {
      const { modelJsonForm } = await import('../../load/output/printed-form.ts');
      return print(modelJsonForm(model, options.normalize !== false), format);
    }
    const { natural, sortDeep } = await import('../../load/output/key-order.ts');
    return print(sortDeep(model, natural), format);
  }
  // Docker Compose takes --no-env-resolution, but its loader has resolved the files by then.
  const result = await load({ ...options, resolveEnvironment: true });
  const { project, lock } = await withDigests(result, flags, session);
  const { jsonForm, yamlForm } = await import('../../load/output/printed-form.ts');
  const text = await print(lock ?? (format === 'json' ? jsonForm(project) : yamlForm(project)), format);
  return text.replaceAll('$', '$$$$');
}

async function print(value: unknown, format: 'yaml' | 'json'): Promise<string> {
  if (format === 'json') {
    const { formatJson } = await import('../../load/output/format-json.ts');
    return `${formatJson(value)}\n`;
  }
  const { formatYaml } = await import('../../load/output/format-yaml.ts');
  return formatYaml(value);
}

async function withDigests(
  { project }: LoadResult,
  { resolveImageDigests, lockImageDigests }: ConfigFlags,
  session: Session,
): Promise<{ project: LoadResult['project']; lock?: unknown }> {
  if (resolveImageDigests !== true && lockImageDigests !== true) return { project };
  const { pinImages, lockFile } = await import('./config-digests.ts');
  const pinned = await pinImages(project, (await session.runtime()).images);
  return lockImageDigests === true ? { project: pinned, lock: lockFile(pinned) } : { project: pinned };
}
