import { readFileSync, statSync } from 'node:fs';
import { MydockerError } from '../../errors.ts';
import type { AgentSource } from '../../model/build-request.ts';
import { readPrivateKey } from './private-key.ts';

/**
 * `default`, `ID` (the agent of this process), `ID=SOCKET` or `ID=KEYFILE[,KEYFILE]…` by id; `:` may stand for `=`. Throws `invalid` for
 * what is neither a socket nor a key that can be used, `not-found` for what is not there.
 */
export function agentSources(
  texts: readonly string[],
  env: Readonly<Record<string, string | undefined>> = process.env,
): ReadonlyMap<string, AgentSource> {
  return new Map(
    texts.map((text) => {
      const [id = '', given = ''] = text.split(/[=:](.*)/s).map((part) => part.trim());
      const value = given === '' ? (env['SSH_AUTH_SOCK'] ?? '') : given;
      const resource = `ssh ${text}`;
      if (value === '') {
        throw new MydockerError('invalid', 'there is no ssh agent', {
          resource,
          hint: 'Start one, so that SSH_AUTH_SOCK is set; or give its socket or a private key: ID=PATH.',
        });
      }
      return [id, sourceOf(value.split(','), resource)] as const;
    }),
  );
}

function sourceOf(paths: readonly string[], resource: string): AgentSource {
  const [first = ''] = paths;
  const status = statSync(first, { throwIfNoEntry: false });
  if (paths.length === 1 && status?.isSocket() === true) return { socket: first };
  return {
    keys: paths.map((path) => {
      if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true)
        throw new MydockerError('not-found', `${path} is not there, or is neither a socket nor a file`, { resource });
      const text = readFileSync(path, 'utf8');
      readPrivateKey(text, path);
      return { path, text };
    }),
  };
}
