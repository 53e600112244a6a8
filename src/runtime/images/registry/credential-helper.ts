import { execFile } from 'node:child_process';
import { MydockerError } from '../../../errors.ts';
import { errnoOf } from '../../../util/errno.ts';

export interface HelperLogin {
  readonly Username: string;
  readonly Secret: string;
}

/** What a helper answers when it has no login for a server (docker-credential-helpers, credentials/error.go). */
const NOT_FOUND = 'credentials not found in native keychain';
const TIMEOUT_MS = 60_000;

/** The login that `docker-credential-NAME` keeps for a server; undefined when it has none. */
export async function helperGet(name: string, server: string): Promise<HelperLogin | undefined> {
  const answer = await callHelper(name, 'get', server);
  if (answer === undefined) return undefined;
  try {
    const { Username, Secret } = JSON.parse(answer) as Partial<HelperLogin>;
    return { Username: Username ?? '', Secret: Secret ?? '' };
  } catch (error) {
    throw new MydockerError('host', `docker-credential-${name} get answers no JSON`, { cause: error });
  }
}

export async function helperStore(name: string, server: string, login: HelperLogin): Promise<void> {
  await callHelper(name, 'store', JSON.stringify({ ServerURL: server, ...login }));
}

/** Has the helper forget the server; false when it did not know it. */
export async function helperErase(name: string, server: string): Promise<boolean> {
  return (await callHelper(name, 'erase', server)) !== undefined;
}

/** Standard output of the helper; undefined when it knows nothing of the server. The secret goes by standard input, never by arguments. */
function callHelper(name: string, action: 'get' | 'store' | 'erase', input: string): Promise<string | undefined> {
  const program = `docker-credential-${name}`;
  return new Promise((resolve, reject) => {
    const child = execFile(program, [action], { timeout: TIMEOUT_MS, maxBuffer: 1 << 20 }, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      if (stdout.trim() === NOT_FOUND) return resolve(undefined);
      const missing = errnoOf(error) === 'ENOENT';
      reject(
        new MydockerError('host', missing ? `${program} is not installed` : `${program} ${action} fails: ${(stdout + stderr).trim()}`, {
          hint: 'credsStore and credHelpers of ~/.docker/config.json name it.',
          cause: error,
        }),
      );
    });
    child.stdin?.on('error', () => undefined); // it may end without reading: its status tells
    child.stdin?.end(input);
  });
}
