import { existsSync } from 'node:fs';
import type { ContainerState } from '../../model/container-state.ts';
import { readJsonIfExists } from '../store/json-file.ts';
import { stateRecord, type StateRecord } from '../store/container-record.ts';
import { shortId } from '../store/ids.ts';
import { SEALS } from '../store/seal.ts';
import { isAlive } from '../store/process-times.ts';
import type { ContainerPaths } from './paths.ts';

/** What is known of a container: the record, and whether its supervisor still lives. */
export interface ObservedState {
  readonly state: ContainerState;
  readonly record: StateRecord | undefined;
  /** The supervisor wrote "running" and is gone: what it left must be swept. */
  readonly abandoned: boolean;
}

const CREATED: ContainerState = {
  status: 'created',
  pid: 0,
  supervisorPid: 0,
  exitCode: 0,
  oomKilled: false,
  error: '',
  startedAt: '',
  finishedAt: '',
  restartCount: 0,
  stoppedByUser: false,
};
const KILLED = 137;

/** Reads the state a container is truly in: a record of a supervisor that is gone counts as exited with 137. */
export function observeState(paths: ContainerPaths, id: string): ObservedState {
  const current = readRecord(paths.state, id);
  const record = current ?? readRecord(paths.lastState, id);
  if (record === undefined) return { state: CREATED, record, abandoned: false };
  const { supervisor, pid, status, finishedAt, ...rest } = record;
  const facts = {
    exitCode: rest.exitCode,
    oomKilled: rest.oomKilled,
    error: rest.error,
    startedAt: rest.startedAt,
    restartCount: rest.restartCount,
    stoppedByUser: rest.stoppedByUser,
    ...(rest.health === undefined ? {} : { health: rest.health }),
  };
  if (status === 'exited' || status === 'created' || status === 'dead') {
    return { state: { ...facts, status, finishedAt, pid: 0, supervisorPid: 0 }, record, abandoned: false };
  }
  // After a reboot only the copy is left, and the supervisor's number may be another process's.
  if ((current !== undefined || existsSync(paths.state)) && isAlive(supervisor)) {
    const owed = existsSync(paths.hooksOwed) ? { hooksOwed: true as const } : {};
    return { state: { ...facts, ...owed, status, finishedAt, pid, supervisorPid: supervisor.pid }, record, abandoned: false };
  }
  return { state: { ...facts, status: 'exited', finishedAt, exitCode: KILLED, pid: 0, supervisorPid: 0 }, record, abandoned: true };
}

function readRecord(path: string, id: string): StateRecord | undefined {
  return readJsonIfExists(path, stateRecord, {
    resource: `container ${shortId(id)}`,
    repair: `Remove ${path}; the container then counts as never started.`,
    mayBeTorn: true,
    seal: SEALS.state,
  });
}
