import { MydockerError } from '../../errors.ts';
import type { MountSpec } from '../../model/container.ts';
import type { ContainerDraft } from '../../model/runtime.ts';
import { randomHex } from '../../util/random.ts';
import { commandOf, shellCommand } from '../images/instructions.ts';
import { splitWords } from '../images/shell-words.ts';
import { digestOf } from '../images/digesting.ts';
import { builderLabel } from '../store/builder-label.ts';
import type { BuildRequest } from '../../model/build-request.ts';
import type { BuildServices } from './build-services.ts';
import type { Instruction } from './dockerfile-lines.ts';
import { variablesOf, type StageState } from './stage-state.ts';

const DEFAULT_SHM_SIZE = 64 * 1024 * 1024;

/** The program of a RUN: exec form, shell form, or a heredoc as the shell's script. */
export function runArgs({ rest, heredocs }: Instruction, { config }: StageState): readonly string[] {
  const [first] = heredocs;
  if (first === undefined) return commandOf(rest, config);
  const words = splitWords(rest);
  if (words.length === (words[0] === '<<' ? 2 : 1)) {
    // A script with its own interpreter goes through a file, as the kernel would start it.
    const script = first.content;
    return script.startsWith('#!')
      ? shellCommand(
          `f=$(mktemp) && cat > "$f" <<'${first.name}' && chmod 700 "$f" && "$f"; s=$?; rm -f "$f"; exit $s\n${script}${first.name}`,
          config,
        )
      : shellCommand(script, config);
  }
  return shellCommand(`${rest}\n${heredocs.map(({ name, content }) => `${content}${name}\n`).join('')}`, config);
}

/** ARGs are variables of a RUN, too. */
export function runEnvironment(state: StageState): readonly string[] {
  return [...variablesOf(state)].map(([name, value]) => `${name}=${value}`);
}

export interface RunStep {
  readonly args: readonly string[];
  readonly mounts: readonly MountSpec[];
  /** Further `NAME=value`; they are not for the image. */
  readonly variables: readonly string[];
  /** `default`, `none` or `host`. */
  readonly network: string;
  /** With all privileges. */
  readonly insecure: boolean;
}

/** Runs the program in a container of the stage and hands the container's id to `use`; it is gone afterwards. */
export async function withRunContainer<T>(
  { containers }: BuildServices,
  request: BuildRequest,
  state: StageState,
  step: RunStep,
  use: (id: string) => Promise<T>,
): Promise<T> {
  const id = await containers.create(draftOf(request, state, step));
  try {
    await containers.start(id);
    const output: string[] = [];
    const printing = printLogs(containers, id, (line) => {
      output.push(line);
      request.say(line);
    });
    const code = await containers.wait(id);
    await printing;
    if (code !== 0) {
      throw new MydockerError(
        'runtime',
        `process ${JSON.stringify(step.args.join(' '))} did not complete successfully: exit code: ${String(code)}`,
        {
          hint:
            output.length === 0
              ? 'It printed nothing.'
              : `Its last lines:\n${output
                  .slice(-10)
                  .map((line) => `    ${line}`)
                  .join('\n')}`,
        },
      );
    }
    return await use(id);
  } finally {
    await containers.remove(id, { force: true, volumes: true });
  }
}

async function printLogs(containers: BuildServices['containers'], id: string, say: (line: string) => void): Promise<void> {
  let rest = '';
  for await (const { text } of containers.logs(id, { follow: true })) {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    lines.forEach(say);
  }
  if (rest !== '') say(rest);
}

function draftOf(request: BuildRequest, state: StageState, { args, mounts, variables, network, insecure }: RunStep): ContainerDraft {
  const { config, layers } = state;
  const isPrivate = network !== 'host' && network !== 'none';
  const priv = { kind: 'private' } as const;
  return {
    name: `build-${randomHex(6)}`,
    image: { reference: 'build', id: digestOf(state.key), layers },
    labels: builderLabel(),
    process: {
      args,
      entrypoint: [],
      command: args,
      env: [...variables, ...runEnvironment(state)],
      cwd: config.WorkingDir === undefined || config.WorkingDir === '' ? '/' : config.WorkingDir,
      user: config.User ?? '',
      groupAdd: [],
      tty: false,
      stdinOpen: false,
      stdinOnce: false,
      ulimits: request.ulimits,
      oomScoreAdj: 0,
    },
    hostname: 'buildkitsandbox',
    domainname: '',
    namespaces: { network: isPrivate ? priv : { kind: network }, pid: priv, ipc: priv, uts: priv, cgroup: priv },
    mounts,
    readonlyRootfs: false,
    security: { privileged: insecure, capAdd: [], capDrop: [], noNewPrivileges: false, seccomp: 'default', maskSystemPaths: !insecure },
    resources: {},
    sysctls: {},
    devices: [],
    shmSize: request.shmSize ?? DEFAULT_SHM_SIZE,
    init: false,
    restart: { name: 'no', maximumRetryCount: 0 },
    stop: { signal: 'SIGKILL', timeout: 0 },
    log: { driver: 'json-file', maxSize: 0, maxFile: 1 },
    network: {
      endpoints: isPrivate
        ? [{ network: 'bridge', aliases: [], links: [], linkLocalIps: [], priority: 0, gwPriority: 0, driverOpts: {} }]
        : [],
      ports: [],
      extraHosts: request.extraHosts,
      dns: [],
      dnsSearch: [],
      dnsOptions: [],
      exposed: [],
    },
    autoRemove: false,
  };
}
