import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { MydockerError } from '../../errors.ts';
import { writeErr, writeOut } from '../../util/stdio.ts';
import { buildArgs } from '../compose/build.ts';
import type { Cli } from './cli.ts';
import { collect } from './collect.ts';

interface BuildFlags {
  readonly addHost: readonly string[];
  readonly buildArg: readonly string[];
  readonly buildContext: readonly string[];
  readonly cache: boolean;
  readonly file?: string;
  readonly label: readonly string[];
  readonly network: string;
  readonly pull?: boolean;
  readonly quiet?: boolean;
  readonly secret: readonly string[];
  readonly tag: readonly string[];
  readonly target?: string;
}

export function defineVerb(command: Command, cli: Cli): void {
  command
    .argument('<PATH>', 'folder of the build context')
    .option('--add-host <host>', 'add a host:address line to /etc/hosts of RUN', collect, [])
    .option('--build-arg <arg>', 'set a build-time variable: NAME=VALUE, or NAME', collect, [])
    .option('--build-context <context>', 'a further context: NAME=FOLDER or NAME=docker-image://IMAGE', collect, [])
    .option('-f, --file <file>', 'the Dockerfile (PATH/Dockerfile)')
    .option('--label <label>', 'set metadata for the image', collect, [])
    .option('--network <mode>', 'network of RUN: default, none, host', 'default')
    .option('--no-cache', 'do not use what earlier builds made')
    .option('--pull', 'ask the registry for newer base images')
    .option('-q, --quiet', 'print the id of the image only')
    .option('--secret <secret>', 'a secret for RUN --mount=type=secret: id=ID,src=FILE or id=ID,env=NAME', collect, [])
    .option('-t, --tag <name>', 'name of the image', collect, [])
    .option('--target <stage>', 'the stage to build')
    .action(async (path: string, flags: BuildFlags) => {
      const runtime = await cli.open();
      const { id } = await runtime.build({
        context: resolve(path),
        dockerfile: flags.file === undefined ? 'Dockerfile' : resolve(flags.file),
        args: buildArgs(flags.buildArg),
        labels: pairs(flags.label),
        tags: flags.tag,
        noCache: !flags.cache,
        pull: flags.pull === true,
        contexts: Object.fromEntries(
          Object.entries(pairs(flags.buildContext)).map(([name, value]) => [name, value.includes('://') ? value : resolve(value)]),
        ),
        network: flags.network,
        extraHosts: flags.addHost,
        secrets: new Map(await Promise.all(flags.secret.map(readSecret))),
        ulimits: [],
        ...(flags.target === undefined ? {} : { target: flags.target }),
        say: (line) => (flags.quiet === true ? undefined : writeErr(`${line}\n`)),
      });
      if (flags.quiet === true) writeOut(`${id}\n`);
    });
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
