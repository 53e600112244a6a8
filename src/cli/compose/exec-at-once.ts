import { LABELS } from '../../model/compose-labels.ts';
import { containerName } from '../../plan/container-facts.ts';
import { execAtOnce } from '../../runtime/containers/exec-at-once.ts';
import { findRoots } from '../../runtime/store/roots.ts';
import { isTerminal } from '../../util/stdio.ts';
import { lastWords } from '../report-error.ts';
import { withOwnValue } from './exec-environment.ts';
import { readGlobals } from './session/globals.ts';
import { keptProjectOrName } from './session/load-desired.ts';
import { plainExec } from './session/plain-words.ts';

/**
 * The most frequent `exec` there is: plain words, files that have not changed since they were last read, a container that has the
 * name it was given and runs. Then nothing is to be decided, and this process becomes the program that waits for the other
 * one. In all other cases, and wherever something is wrong, it returns, nothing has happened, and the command goes its ordinary way.
 */
export async function tryExecAtOnce(argv: readonly string[]): Promise<void> {
  const words = plainExec(argv);
  if (words === undefined || (!words.noTerminal && isTerminal(0) && isTerminal(1))) return;
  try {
    await become(words);
  } catch {
    // The ordinary way says what is wrong.
  }
}

async function become({ globals: raw, options, service, args }: NonNullable<ReturnType<typeof plainExec>>): Promise<void> {
  const globals = readGlobals(raw, process.env);
  const target = keptProjectOrName(globals);
  if (target === undefined) return;
  const { name, project, warnings } = target;
  const container = containerName({ name, separator: globals.compatibility ? '_' : undefined }, service, project?.services[service], 1);
  await execAtOnce(findRoots(globals, process.env), container, {
    isIt: ({ labels }) =>
      labels[LABELS.project] === name &&
      labels[LABELS.service] === service &&
      labels[LABELS.containerNumber] === '1' &&
      labels[LABELS.oneoff] !== 'True',
    options: {
      args,
      tty: false,
      stdin: true,
      mode: 'relay',
      env: (options.env ?? []).flatMap(withOwnValue),
      ...(options.user === undefined ? {} : { user: options.user }),
      ...(options.workdir === undefined ? {} : { cwd: options.workdir }),
      last: () => lastWords(warnings),
    },
  });
}
