import { isAlive, ownStartTime } from '../store/process-times.ts';

/** The folder of a container in the making says who makes it, so that others know when it is left behind. */
export function unfinishedName(id: string): string {
  return `.new-${id}.${String(process.pid)}.${String(ownStartTime())}`;
}

/** What is known of a container in the making by the name of its folder; undefined for any other name. */
export function parseUnfinished(name: string): { readonly id: string; readonly abandoned: boolean } | undefined {
  const [, id = '', pid, start] = /^\.new-([0-9a-f]{64})\.(\d+)\.(\d+)$/.exec(name) ?? [];
  return pid === undefined ? undefined : { id, abandoned: !isAlive({ pid: Number(pid), start: Number(start) }) };
}
