import { statSync } from 'node:fs';
import { MydockerError } from '../../errors.ts';

/** `default`, `ID` (the agent of this process) or `ID=SOCKET` as the agents' sockets by id. Throws `invalid` for what is no socket. */
export function agentSockets(
  texts: readonly string[],
  env: Readonly<Record<string, string | undefined>> = process.env,
): ReadonlyMap<string, string> {
  return new Map(
    texts.map((text) => {
      const [id = '', path = env['SSH_AUTH_SOCK'] ?? ''] = text.split(/[=:](.*)/s).map((part) => part.trim());
      const resource = `ssh ${text}`;
      if (path === '') {
        throw new MydockerError('invalid', 'there is no ssh agent', {
          resource,
          hint: 'Start one, so that SSH_AUTH_SOCK is set; or give its socket.',
        });
      }
      const status = statSync(path, { throwIfNoEntry: false });
      if (status === undefined) throw new MydockerError('not-found', `${path} is not there`, { resource });
      if (status.isSocket()) return [id, path] as const;
      throw new MydockerError('unsupported', `${path} is not the socket of an ssh agent`, {
        resource,
        hint: 'Add the key to an agent: ssh-add.',
      });
    }),
  );
}
