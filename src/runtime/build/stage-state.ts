import { createHash } from 'node:crypto';
import type { HistoryEntry, RunConfig } from '../store/image-records.ts';
import type { Lookup } from '../images/shell-words.ts';

/** A stage between two of its instructions. */
export interface StageState {
  /** Hash of all that led here: what the cache knows the next step by. */
  readonly key: string;
  /** Diff ids, lowest first. */
  readonly layers: readonly string[];
  readonly config: RunConfig;
  readonly history: readonly HistoryEntry[];
  /** RFC 3339: when the last step was made. */
  readonly created: string;
  readonly author?: string;
  /** ARGs declared so far, in the stages below, too, with their values. */
  readonly args: ReadonlyMap<string, string>;
  /** Those of them that no later ENV has set: they win over the environment. */
  readonly winning: ReadonlySet<string>;
  /** A CMD was given in this stage: a later ENTRYPOINT does not drop it. */
  readonly cmdGiven: boolean;
}

export function nextKey(key: string, ...parts: readonly string[]): string {
  return createHash('sha256')
    .update([key, ...parts].join('\0'))
    .digest('hex');
}

/** Variables as instructions see them: of ARG and ENV the later one counts. */
export function variablesOf({ config, args, winning }: StageState): ReadonlyMap<string, string> {
  const environment = (config.Env ?? []).map((pair) => splitPair(pair));
  return new Map([...args, ...environment, ...[...args].filter(([name]) => winning.has(name))]);
}

export function lookupOf(state: StageState): Lookup {
  const variables = variablesOf(state);
  return (name) => variables.get(name);
}

export function splitPair(pair: string): readonly [string, string] {
  const equals = pair.indexOf('=');
  return equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
}
