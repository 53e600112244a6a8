import type { Command } from 'commander';
import { MydockerError } from '../../errors.ts';
import type { DefineCommand } from './session/session.ts';

/** Verbs of Docker Compose that make no sense here, and what to do instead. */
const UNSUPPORTED = {
  alpha: {
    what: 'the experimental commands of Docker Compose',
    hint: 'for `alpha viz` see `config --format json`; `watch`, `scale` and `--dry-run` are commands and flags of their own',
  },
  bridge: {
    what: 'converting compose files into Kubernetes manifests or Helm charts',
    hint: '`config --format json` prints the resolved model for other tools to read',
  },
} as const;

export function defineUnsupported(verb: keyof typeof UNSUPPORTED): DefineCommand {
  const { what, hint } = UNSUPPORTED[verb];
  return (command: Command) => {
    command
      .argument('[args...]')
      .allowUnknownOption()
      .addHelpText('after', `\nNot supported: ${what}.\nInstead: ${hint}`)
      .action(() => {
        throw new MydockerError('usage', `${verb}: ${what} is not supported`, { hint });
      });
  };
}
