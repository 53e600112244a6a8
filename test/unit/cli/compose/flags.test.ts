import { expect, test } from 'bun:test';
import { Command } from 'commander';
import { COMMANDS } from '../../../../src/cli/compose/command-table.ts';
import { defineGlobals } from '../../../../src/cli/compose/session/define-globals.ts';
import type { Globals } from '../../../../src/cli/compose/session/globals.ts';
import type { Session } from '../../../../src/cli/compose/session/session.ts';

/** Flags of Docker Compose 2.40 by command, the hidden ones too: short and long name, `=` where a value follows. */
const FLAGS: Readonly<Record<string, string>> = {
  global:
    '--all-resources --ansi= --compatibility --env-file= -f|--file= --no-ansi --parallel= --profile= --progress= --project-directory= -p|--project-name= --verbose -v|--version --workdir=',
  attach: '--detach-keys= --index= --no-stdin --sig-proxy',
  build:
    '--build-arg= --builder= --check --compress --force-rm -m|--memory= --no-cache --no-rm --parallel --print --progress= --provenance= --pull --push -q|--quiet --sbom= --ssh= --with-dependencies',
  commit: '-a|--author= -c|--change= --index= -m|--message= -p|--pause',
  config:
    '--environment --format= --hash= --images --lock-image-digests --models --networks --no-consistency --no-env-resolution --no-interpolate --no-normalize --no-path-resolution -o|--output= --profiles -q|--quiet --resolve-image-digests --services --variables --volumes',
  cp: '--all -a|--archive -L|--follow-link --index=',
  create: '--build --force-recreate --no-build --no-recreate --pull= --quiet-pull --remove-orphans --scale= -y|--yes',
  down: '--remove-orphans --rmi= -t|--timeout= --volume -v|--volumes',
  events: '--json --since= --until=',
  exec: '-d|--detach -e|--env= --index= -i|--interactive --no-TTY -T|--no-tty --privileged -t|--tty -u|--user= -w|--workdir=',
  export: '--index= -o|--output=',
  images: '--format= -q|--quiet',
  kill: '--remove-orphans -s|--signal=',
  logs: '-f|--follow --index= --no-color --no-log-prefix --since= -n|--tail= -t|--timestamps --until=',
  ls: '-a|--all --filter= --format= -q|--quiet',
  pause: '',
  port: '--index= --protocol=',
  ps: '-a|--all --filter= --format= --no-trunc --orphans -q|--quiet --services --status=',
  publish: '--app --oci-version= --resolve-image-digests --with-env -y|--yes',
  pull: '--ignore-buildable --ignore-pull-failures --include-deps --no-parallel --parallel --policy= -q|--quiet',
  push: '--ignore-push-failures --include-deps -q|--quiet',
  restart: '--no-deps -t|--timeout=',
  rm: '-a|--all -f|--force -s|--stop -v|--volumes',
  run: '--build --cap-add= --cap-drop= -d|--detach --entrypoint= --env-from-file= -e|--env= -i|--interactive -l|--label= --labels= --name= -T|--no-TTY --no-deps -p|--publish= --pull= -q|--quiet --quiet-build --quiet-pull --remove-orphans --rm -P|--service-ports -t|--tty --use-aliases -u|--user= -v|--volume= --volumes= -w|--workdir=',
  scale: '--no-deps',
  start: '',
  stats: '-a|--all --format= --no-stream --no-trunc',
  stop: '-t|--timeout=',
  top: '',
  unpause: '',
  up: '--abort-on-container-exit --abort-on-container-failure --always-recreate-deps --attach-dependencies --attach= --build -d|--detach --exit-code-from= --force-recreate --menu --no-attach= --no-build --no-color --no-deps --no-log-prefix --no-recreate --no-start --pull= --quiet-build --quiet-pull --remove-orphans -V|--renew-anon-volumes --scale= -t|--timeout= --timestamps --wait --wait-timeout= -w|--watch -y|--yes',
  version: '-f|--format= --short',
  volumes: '--format= -q|--quiet',
  wait: '--down-project',
  watch: '--no-up --prune --quiet',
};

const SESSION: Session = {
  command: '',
  exitStatus: 0,
  get globals(): Globals {
    throw new Error('nothing is run here');
  },
  runtime: () => Promise.reject(new Error('nothing is run here')),
};

async function defined(name: string): Promise<Command> {
  const command = new Command(name);
  if (name === 'global') defineGlobals(command);
  else (await COMMANDS[name]?.load())?.(command, SESSION);
  return command;
}

for (const [name, flags] of Object.entries(FLAGS)) {
  test(`${name} takes every flag of Docker Compose`, async () => {
    const { options } = await defined(name);
    const known = options.map(
      ({ short, long, required }) => `${short === undefined ? '' : `${short}|`}${long ?? ''}${required ? '=' : ''}`,
    );
    expect(known).toEqual(expect.arrayContaining(flags.split(' ').filter((flag) => flag !== '')));
  });
}

test('flags that are on unless told otherwise can be turned off, and --detach and the like are off', async () => {
  const on: Readonly<Record<string, readonly string[]>> = {
    attach: ['sigProxy'],
    commit: ['pause'],
    exec: ['interactive'],
    ps: ['orphans'],
    run: ['interactive'],
  };
  for (const [name, attributes] of Object.entries(on)) {
    const command = await defined(name);
    for (const attribute of attributes) {
      expect(command.opts()[attribute]).toBe(true);
      expect(command.options.some((option) => option.negate && option.attributeName() === attribute)).toBe(true);
    }
  }
  for (const name of ['up', 'exec', 'run']) expect((await defined(name)).opts()['detach']).toBeUndefined();
});

const VALUES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  images: { format: 'table' },
  kill: { signal: 'SIGKILL' },
  logs: { tail: 'all' },
  ls: { format: 'table' },
  port: { protocol: 'tcp' },
  ps: { format: 'table' },
  volumes: { format: 'table' },
};

test('values that are not given are those of Docker Compose', async () => {
  for (const [name, values] of Object.entries(VALUES)) expect((await defined(name)).opts()).toMatchObject(values);
});

test('every command that is shown has an example in its help', async () => {
  for (const [name, { hidden }] of Object.entries(COMMANDS)) {
    if (hidden === true) continue;
    let text = '';
    const command = (await defined(name)).configureOutput({ writeOut: (part) => (text += part) });
    command.outputHelp();
    expect(text).toContain(`mydocker-compose ${name}`);
    expect(text).toMatch(/Examples?:\n {2}mydocker-compose/);
  }
});
