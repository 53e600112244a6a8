import type { ContainerConfig } from '../../../../src/model/container.ts';
import { sampleDraft } from '../../../contract/sample-draft.ts';

/** A container of the plainest kind, changed by `change`. */
export function sampleConfig(change: Partial<ContainerConfig> = {}): ContainerConfig {
  const draft = sampleDraft('web', { id: `sha256:${'1'.repeat(64)}`, layers: ['sha256:a', 'sha256:b'] });
  const args = ['sh', '-c', 'true'];
  return {
    ...draft,
    version: 1,
    id: 'c'.repeat(64),
    created: '2026-01-01T00:00:00.000Z',
    process: { ...draft.process, args, command: args, env: ['A=1'] },
    hostname: 'host',
    shmSize: 64 << 20,
    stop: { signal: 'SIGTERM', timeout: 10 },
    ...change,
  };
}
