import { writeErr } from '../../../util/stdio.ts';

/** Brings a compose file of a repository to this machine, and says so; the local path. Few need it: it is loaded when asked. */
export async function fetchRemote(reference: string): Promise<string> {
  const { fetchRemote: fetch } = await import('../../../runtime/remote-files/remote-file.ts');
  return fetch(reference, (line) => writeErr(`${line}\n`));
}
