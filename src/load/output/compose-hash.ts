import type { Project } from '../../model/project.ts';
import type { EnvFile } from '../../model/service.ts';
import { sha256 } from '../../util/sha256.ts';
import { formatJson } from './format-json.ts';
import { jsonForm } from './printed-form.ts';

/** What Docker Compose leaves out: it does not change a container. */
const IGNORED = ['build', 'pull_policy', 'scale', 'depends_on', 'profiles'];

/** The hash that Docker Compose's `config --hash` prints for a service: SHA-256 of its JSON as Go writes it, before env files are read. */
export function composeHash(project: Project, name: string): string {
  const service = (jsonForm(project)['services'] as Record<string, Record<string, unknown>>)[name] ?? {};
  const kept = Object.fromEntries(Object.entries(service).filter(([key]) => !IGNORED.includes(key)));
  if (kept['deploy'] !== undefined) {
    const { replicas: _replicas, ...deploy } = kept['deploy'] as Record<string, unknown>;
    kept['deploy'] = deploy;
  }
  const envFiles = kept['env_file'] as readonly EnvFile[] | undefined;
  if (envFiles !== undefined) kept['env_file'] = envFiles.map((file) => (file.required ? file.path : file));
  return sha256(escapeHtml(formatJson(kept, 0)));
}

/** Go escapes what a script element of a page would take for its own. */
function escapeHtml(json: string): string {
  return json.replace(/[<>&\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
