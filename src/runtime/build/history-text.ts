import { parseExecForm } from '../images/instructions.ts';
import type { RunConfig } from '../store/image-records.ts';
import type { Instruction } from './dockerfile-lines.ts';
import type { StageState } from './stage-state.ts';

/** What tools that read an image's history know BuildKit's entries by. */
export const HISTORY_COMMENT = 'buildkit.dockerfile.v0';

/** How the history tells of a RUN: the ARGs it saw, and the program. */
export function historyOfRun(args: ReadonlyMap<string, string>, program: readonly string[]): string {
  const seen = args.size === 0 ? '' : `|${String(args.size)} ${[...args].map(([name, value]) => `${name}=${value}`).join(' ')} `;
  return `RUN ${seen}${program.join(' ')} # buildkit`;
}

/** How the history tells of a COPY or ADD: its flags but `--from`. */
export function historyOfCopy({ keyword, flags, rest }: Instruction): string {
  const shown = flags.filter(([name]) => name !== 'from').map(([name, value]) => `--${name}${value === '' ? '' : `=${value}`} `);
  return `${keyword} ${shown.join('')}${(parseExecForm(rest) ?? [rest]).join(' ')} # buildkit`;
}

/** How the history tells of what only changes the config: with its variables replaced, as in `config`. */
export function historyOfConfig(keyword: string, rest: string, before: StageState, config: RunConfig): string {
  switch (keyword) {
    case 'CMD':
      return `CMD ${quoted(config.Cmd ?? [])}`;
    case 'ENTRYPOINT':
      return `ENTRYPOINT ${quoted(config.Entrypoint ?? [])}`;
    case 'ENV':
      return `ENV ${changedPairs(before.config.Env ?? [], config.Env ?? [], rest)}`;
    case 'EXPOSE':
      return `EXPOSE [${added(before.config.ExposedPorts, config.ExposedPorts, rest)}]`;
    case 'VOLUME':
      return `VOLUME [${added(before.config.Volumes, config.Volumes, rest)}]`;
    case 'SHELL':
      return `SHELL [${(config.Shell ?? []).join(' ')}]`;
    case 'USER':
      return `USER ${config.User ?? ''}`;
    case 'STOPSIGNAL':
      return `STOPSIGNAL ${config.StopSignal ?? ''}`;
    case 'LABEL': {
      const labels = Object.entries(config.Labels ?? {}).map(([name, value]) => `${name}=${value}`);
      const old = Object.entries(before.config.Labels ?? {}).map(([name, value]) => `${name}=${value}`);
      return `LABEL ${changedPairs(old, labels, rest)}`;
    }
    default:
      return `${keyword} ${rest}`;
  }
}

function quoted(words: readonly string[]): string {
  return `[${words.map((word) => JSON.stringify(word)).join(' ')}]`;
}

function changedPairs(before: readonly string[], after: readonly string[], rest: string): string {
  const changed = after.filter((pair) => !before.includes(pair));
  return changed.length === 0 ? rest : changed.join(' ');
}

function added(before: object | null | undefined, after: object | null | undefined, rest: string): string {
  const names = Object.keys(after ?? {}).filter((name) => !(name in (before ?? {})));
  return names.length === 0 ? rest : names.join(' ');
}
