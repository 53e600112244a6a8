import { readFileSync } from 'node:fs';

/** What a supervisor has open beside its ports: log, sockets, streams, namespaces, connections that it relays. */
const RESERVE = 256;

/** How many ports one container can publish here: each is an open file of its supervisor, which RLIMIT_NOFILE bounds. */
export function portLimit(limits = readFileSync('/proc/self/limits', 'utf8')): number {
  const hard = /^Max open files +\S+ +(\d+)/m.exec(limits)?.[1];
  return hard === undefined ? Infinity : Math.max(0, Number(hard) - RESERVE);
}
