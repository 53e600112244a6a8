import type { Command } from 'commander';
import type { MydockerRuntime } from '../../runtime/runtime.ts';

/** What a verb of `mydocker` gets. */
export interface Cli {
  /** Opens the runtime, once a command; the program closes it and prints its warnings. */
  open(): Promise<MydockerRuntime>;
  /** The command's exit status where it is not 0. */
  setExitStatus(status: number): void;
}

/** A verb's module: it declares its arguments, options and action on the command made for it. */
export interface VerbModule {
  /** `words` are the arguments after the verb: a group needs them to load the right one of its own. */
  defineVerb(command: Command, cli: Cli, words: readonly string[]): void | Promise<void>;
}

export interface Verb {
  readonly summary: string;
  readonly load: () => Promise<VerbModule>;
  readonly aliases?: readonly string[];
  /** Shown in no help: another way to call it. */
  readonly hidden?: boolean;
}
export type VerbTable = Readonly<Record<string, Verb>>;
