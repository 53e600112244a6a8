import { Option, type Command } from 'commander';
import { collect } from './globals.ts';

export function defineGlobals(program: Command): void {
  program
    .option('--all-resources', 'Include all resources, even those not used by services')
    .addOption(
      new Option('--ansi <mode>', 'Control when to print ANSI control characters').choices(['never', 'always', 'auto']).default('auto'),
    )
    .addOption(new Option('--no-ansi').hideHelp())
    .option('--compatibility', 'Name containers and images with "_", as docker-compose 1 did (COMPOSE_COMPATIBILITY)')
    .option('--dry-run', 'Execute command in dry run mode')
    .option('--env-file <file>', 'Specify an alternate environment file (repeatable)', collect)
    .option('-f, --file <file>', 'Compose configuration files (repeatable)', collect)
    .option('--parallel <n>', 'Control max parallelism, -1 for unlimited (COMPOSE_PARALLEL_LIMIT)')
    .option('--profile <profile>', 'Specify a profile to enable (repeatable)', collect)
    .addOption(new Option('--progress <type>', 'Set type of progress output').choices(['auto', 'tty', 'plain', 'json', 'quiet']))
    .option('--project-directory <path>', 'Specify an alternate working directory')
    .option('-p, --project-name <name>', 'Project name')
    .addOption(new Option('--workdir <path>').hideHelp())
    .addOption(new Option('--verbose').hideHelp())
    .option('--data-root <path>', 'Where images, containers and volumes are kept (MYDOCKER_DATA_ROOT)')
    .option('--run-root <path>', 'Where the state of running containers is kept (MYDOCKER_RUN_ROOT)')
    .option('-v, --version', 'Show the version information');
}
