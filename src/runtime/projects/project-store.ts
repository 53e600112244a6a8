import { readdirSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MydockerError } from '../../errors.ts';
import type { ProjectLockOptions, ProjectRecord, ProjectStore } from '../../model/runtime.ts';
import type { RuntimeContext } from '../context.ts';
import { readJsonIfExists, writeJson } from '../store/json-file.ts';
import { projectRecord } from '../store/project-record.ts';
import { lockProject } from './project-lock.ts';

/** What was last applied of each project: `projects/<name>/project.json`. */
export class Projects implements ProjectStore {
  readonly #context: RuntimeContext;
  readonly #root: string;

  constructor(context: RuntimeContext) {
    this.#context = context;
    this.#root = join(context.roots.data, 'projects');
  }

  get(name: string): Promise<ProjectRecord | undefined> {
    const path = this.#path(name);
    const repair = `Remove ${path}; the next up writes it anew.`;
    return Promise.resolve(readJsonIfExists(path, projectRecord, { resource: `project ${name}`, repair }));
  }

  async list(): Promise<readonly ProjectRecord[]> {
    const records: ProjectRecord[] = [];
    for (const name of readdirSync(this.#root).sort()) {
      try {
        const record = await this.get(name);
        if (record !== undefined) records.push(record);
      } catch (error) {
        if (!(error instanceof MydockerError)) throw error;
        this.#context.warn(`${error.resource ?? name}: ${error.message}`);
      }
    }
    return records;
  }

  async put(record: ProjectRecord): Promise<void> {
    const path = this.#path(record.name);
    await mkdir(join(this.#root, record.name), { recursive: true, mode: 0o700 });
    await writeJson(path, { version: 1, ...record });
  }

  async remove(name: string): Promise<void> {
    this.#path(name);
    await rm(join(this.#root, name), { recursive: true, force: true });
  }

  lock(name: string, options: ProjectLockOptions = {}): Promise<() => void> {
    this.#path(name);
    return lockProject(this.#context, name, options);
  }

  #path(name: string): string {
    if (!/^[a-z0-9][a-z0-9_-]*$/.test(name)) throw new MydockerError('invalid', `invalid project name ${JSON.stringify(name)}`);
    return join(this.#root, name, 'project.json');
  }
}
