import { existsSync, readFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { Option, type Command } from 'commander';
import { MydockerError } from '../../errors.ts';
import { isRemoteFile } from '../../load/files/remote-files.ts';
import { formatYaml } from '../../load/output/format-yaml.ts';
import { includesOf, renameFiles } from '../../load/output/published-text.ts';
import { COMPOSE_VERSION } from '../../model/compose-labels.ts';
import type { Project } from '../../model/project.ts';
import { publishArtifact, publishedName, type ProjectFile } from '../../runtime/remote-files/compose-artifact.ts';
import { reasonOf } from '../../util/errno.ts';
import { sha256 } from '../../util/sha256.ts';
import { writeErr } from '../../util/stdio.ts';
import { confirm } from '../ask.ts';
import { lockFile, pinImages } from './config-digests.ts';
import { loadDesired } from './session/load-desired.ts';
import { pushImages } from './session/push-images.ts';
import type { Session } from './session/session.ts';

interface PublishFlags {
  readonly ociVersion?: '1.0' | '1.1';
  readonly resolveImageDigests?: boolean;
  readonly withEnv?: boolean;
  readonly yes?: boolean;
  readonly app?: boolean;
}

export function definePublish(command: Command, session: Session): void {
  command
    .argument('<repository>', 'where to: [HOST[:PORT]/]NAME[:TAG]')
    .addOption(new Option('--app', 'Publish the images, too').hideHelp())
    .addOption(new Option('--oci-version <version>', 'OCI artifact specification version').choices(['1.0', '1.1']))
    .option('--resolve-image-digests', 'Pin image tags to digests')
    .option('--with-env', 'Include environment variables in the published OCI artifact')
    .option('-y, --yes', 'Assume "yes" as answer to all prompts')
    .addHelpText(
      'after',
      '\nExample:\n  mydocker-compose publish registry.example.com/stack:1\n  mydocker-compose -f oci://registry.example.com/stack:1 up -d',
    )
    .action(async (repository: string, flags: PublishFlags) => publish(session, repository, flags));
}

async function publish(session: Session, repository: string, flags: PublishFlags): Promise<void> {
  if (flags.app === true) throw new MydockerError('unsupported', '--app is not supported', { hint: '`push` pushes the images.' });
  const { reference, name } = publishedName(repository);
  const desired = await loadDesired({ ...session.globals, profiles: ['*'] });
  const { project } = desired;
  checkImages(project);
  if (flags.withEnv !== true) checkEnvironment(project);
  const files = publishedFiles(desired.configFiles);
  if (!(await mayPublishBinds(project, flags.yes === true))) return;
  await pushImages(session, project, Object.keys(project.services), { quiet: false, ignoreFailures: true });
  if (flags.resolveImageDigests === true) {
    const pinned = await pinImages(project, (await session.runtime()).images);
    files.push({ kind: 'compose', name: 'image-digests.yaml', text: formatYaml(lockFile(pinned)) });
  }
  writeErr(` ${name} publishing\n`);
  if (session.globals.dryRun) return;
  await publishArtifact(reference, files, { version: flags.ociVersion ?? '1.1', composeVersion: COMPOSE_VERSION });
  writeErr(` ${name} published\n`);
}

/** Whoever runs the project elsewhere has no context to build from. */
function checkImages({ services }: Project): void {
  const built = Object.keys(services).filter((name) => services[name]?.image === undefined && services[name]?.build !== undefined);
  if (built.length === 0) return;
  throw new MydockerError(
    'invalid',
    `your Compose stack cannot be published as it only contains a build section for service(s): ${built.map((name) => JSON.stringify(name)).join(', ')}`,
    { hint: 'Give each an `image`: that is what it is pushed as, and pulled elsewhere.' },
  );
}

/** Those of env files are among them. */
function checkEnvironment({ services }: Project): void {
  const names = Object.keys(services).filter((name) => Object.keys(services[name]?.environment ?? {}).length > 0);
  if (names.length === 0) return;
  throw new MydockerError(
    'refused',
    names.map((name) => `service ${JSON.stringify(name)} has environment variable(s) or env files declared`).join('; '),
    { hint: 'They may be secrets: allow them with --with-env, or remove them from the Compose configuration.' },
  );
}

async function mayPublishBinds({ services }: Project, yes: boolean): Promise<boolean> {
  const binds = Object.entries(services).flatMap(([name, { volumes = [] }]) =>
    volumes.filter(({ type }) => type === 'bind').map(({ source, target }) => `${name}: ${source ?? ''}:${target}`),
  );
  if (binds.length === 0 || yes) return true;
  writeErr(
    `you are about to publish bind mounts declaration within your OCI artifact.
only the bind mount declarations will be added to the OCI artifact (not content)
please double check that you are not mounting potential user's sensitive directories or data
${binds.map((bind) => `  ${bind}\n`).join('')}`,
  );
  return confirm('Are you ok to publish these bind mount declarations?');
}

/** The files as written, and those that they name, under names of their content. */
function publishedFiles(configFiles: readonly string[]): ProjectFile[] {
  const named = new Map<string, ProjectFile>();
  const compose = configFiles.map((path): ProjectFile => {
    if (path === '-') throw new MydockerError('usage', 'a file from standard input cannot be published', { hint: 'Name it with -f.' });
    const text = readText(path);
    const include = includesOf(text).find((name) => !isRemoteFile(name));
    if (include !== undefined) {
      throw new MydockerError('unsupported', `cannot publish compose file with local includes: ${include}`, {
        resource: path,
        hint: 'Merge it into the file, or publish it on its own and include oci://NAME.',
      });
    }
    return { kind: 'compose', name: basename(path), text: withNames(text, join(path, '..'), named) };
  });
  return [...compose, ...named.values()];
}

/** An extended file may extend others, and has env files. */
function withNames(text: string, folder: string, named: Map<string, ProjectFile>): string {
  return renameFiles(text, ({ kind, path }) => {
    if (isRemoteFile(path)) return undefined;
    const absolute = path.startsWith('/') ? path : join(folder, path);
    if (!existsSync(absolute)) return undefined; // the load has looked: it is not required
    const known = named.get(absolute);
    if (known !== undefined) return known.name;
    const content = kind === 'env' ? readText(absolute) : withNames(readText(absolute), join(absolute, '..'), named);
    const name = `${sha256(content)}${kind === 'env' ? '.env' : extensionOf(absolute)}`;
    named.set(absolute, { kind, name, text: content });
    return name;
  });
}

function extensionOf(path: string): string {
  return extname(path) === '' ? '.yaml' : extname(path);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new MydockerError('invalid', `cannot read ${path}: ${reasonOf(cause)}`, { cause });
  }
}
