import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Sandbox } from './sandbox.ts';

/** Process id of a running container's supervisor, from its own word. `id` in full. */
export function supervisorOf(sandbox: Sandbox, id: string): number {
  const text = readFileSync(join(sandbox.runRoot, 'containers', id, 'state.json'), 'utf8');
  return (JSON.parse(text) as { readonly supervisor: { readonly pid: number } }).supervisor.pid;
}
