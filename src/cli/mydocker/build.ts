import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { Option, type Command } from 'commander';
import { MydockerError } from '../../errors.ts';
import type { BuildRequest } from '../../model/build-request.ts';
import { agentSources } from '../../runtime/build/agent-sources.ts';
import { isRemoteSource } from '../../runtime/build/remote-source.ts';
import { checkPlatform } from '../../runtime/build/stage-builder.ts';
import { hostArchitecture } from '../../runtime/images/platform.ts';
import { writeErr, writeOut } from '../../util/stdio.ts';
import { buildArgs } from '../compose/build.ts';
import type { Cli } from './cli.ts';
import { collect } from './collect.ts';
import { ulimitFlag } from './run/resources.ts';
import { bytesOf } from './run/values.ts';

interface BuildFlags {
  readonly addHost: readonly string[];
  readonly allow: readonly string[];
  readonly buildArg: readonly string[];
  readonly buildContext: readonly string[];
  readonly cache: boolean;
  readonly file?: string;
  readonly iidfile?: string;
  readonly label: readonly string[];
  readonly network: string;
  readonly pull?: boolean;
  readonly quiet?: boolean;
  readonly platform?: string;
  readonly secret: readonly string[];
  readonly shmSize?: string;
  readonly ssh: readonly string[];
  readonly tag: readonly string[];
  readonly target?: string;
  readonly ulimit: readonly string[];
}

export function defineVerb(command: Command, cli: Cli): void {
  command
    .argument(
      '<PATH>',
      'folder of the build context, or the URL of a git repository (#REF:FOLDER) or an archive; - reads a Dockerfile from standard input, without a context',
    )
    .option('--add-host <host>', 'add a host:address line to /etc/hosts of RUN', collect, [])
    .option('--allow <entitlement>', 'allow RUN --security=insecure: security.insecure', collect, [])
    .option('--build-arg <arg>', 'set a build-time variable: NAME=VALUE, or NAME', collect, [])
    .option('--build-context <context>', 'a further context: NAME=FOLDER, NAME=docker-image://IMAGE, or NAME=URL', collect, [])
    .option('-f, --file <file>', 'the Dockerfile (PATH/Dockerfile); - reads it from standard input')
    .option('--iidfile <file>', 'write the id of the image to a file')
    .option('--label <label>', 'set metadata for the image', collect, [])
    .option('--network <mode>', 'network of RUN: default, none, host', 'default')
    .option('--no-cache', 'do not use what earlier builds made')
    .option('--platform <platform>', 'the platform of the image: only that of this machine can be built')
    .option('--pull', 'ask the registry for newer base images')
    .option('-q, --quiet', 'print the id of the image only')
    .option('--secret <secret>', 'a secret for RUN --mount=type=secret: id=ID,src=FILE or id=ID,env=NAME', collect, [])
    .option('--shm-size <bytes>', 'size of /dev/shm of RUN')
    .option('--ssh <agent>', 'an ssh agent or private key for RUN --mount=type=ssh: default, ID=SOCKET, ID=KEYFILE', collect, [])
    .option('-t, --tag <name>', 'name of the image', collect, [])
    .option('--target <stage>', 'the stage to build')
    .option('--ulimit <limit>', 'a limit for RUN: NAME=SOFT[:HARD]', collect, [])
    .addOption(
      new Option('--progress <type>', 'accepted: the progress is plain')
        .choices(['auto', 'none', 'plain', 'quiet', 'rawjson', 'tty'])
        .hideHelp(),
    )
    .addOption(new Option('--cache-from <image>', 'accepted: the cache is that of this machine').argParser(collect).hideHelp())
    .addOption(new Option('--load', 'accepted: the image is here anyway').hideHelp())
    .addOption(new Option('--rm', 'accepted: nothing is left anyway').hideHelp())
    .addOption(new Option('--force-rm', 'accepted: nothing is left anyway').hideHelp())
    .action(async (path: string, flags: BuildFlags) => {
      const runtime = await cli.open();
      const source = await sourceOf(path, flags.file);
      if (flags.platform !== undefined) checkPlatform(flags.platform, hostArchitecture());
      const { id } = await runtime.build({
        ...source,
        args: buildArgs(flags.buildArg),
        labels: pairs(flags.label),
        tags: flags.tag,
        noCache: !flags.cache,
        pull: flags.pull === true,
        contexts: Object.fromEntries(
          Object.entries(pairs(flags.buildContext)).map(([name, value]) => [
            name,
            value.includes('://') || isRemoteSource(value) ? value : resolve(value),
          ]),
        ),
        network: flags.network,
        extraHosts: flags.addHost,
        secrets: new Map(await Promise.all(flags.secret.map(readSecret))),
        ssh: agentSources(flags.ssh),
        entitlements: flags.allow,
        ulimits: flags.ulimit.map(ulimitFlag),
        ...(flags.shmSize === undefined ? {} : { shmSize: bytesOf('--shm-size', flags.shmSize) }),
        ...(flags.target === undefined ? {} : { target: flags.target }),
        say: (line) => (flags.quiet === true ? undefined : writeErr(`${line}\n`)),
      });
      if (flags.iidfile !== undefined) await writeFile(flags.iidfile, id);
      if (flags.quiet === true) writeOut(`${id}\n`);
      if (path === '-') await rm(source.context, { recursive: true });
    });
}

/** `-` for the context is an empty folder; for the Dockerfile, standard input. */
async function sourceOf(path: string, file: string | undefined): Promise<Pick<BuildRequest, 'context' | 'dockerfile' | 'dockerfileText'>> {
  if (path === '-' && file !== undefined)
    throw new MydockerError('usage', 'invalid argument: -f cannot be given when the Dockerfile comes from standard input');
  const context = path === '-' ? await mkdtemp(join(tmpdir(), 'mydocker-build-')) : isRemoteSource(path) ? path : resolve(path);
  if (path !== '-' && file !== '-')
    return { context, dockerfile: file === undefined ? 'Dockerfile' : isRemoteSource(path) ? file : resolve(file) };
  return { context, dockerfile: 'Dockerfile', dockerfileText: await text(process.stdin) };
}

function pairs(texts: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(texts.map((text) => [text.split('=')[0] ?? '', text.split('=').slice(1).join('=')]));
}

async function readSecret(text: string): Promise<[string, Uint8Array]> {
  const options = pairs(text.split(','));
  const id = options['id'];
  const file = options['src'] ?? options['source'];
  if (id === undefined) throw new MydockerError('usage', `--secret ${text}: it has no id`);
  const variable = options['env'];
  if (variable !== undefined) return [id, Buffer.from(process.env[variable] ?? '')];
  return [id, await readFile(file ?? id)];
}
