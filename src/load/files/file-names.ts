import { isAbsolute, relative, resolve } from 'node:path';
import type { Inputs } from './inputs.ts';
import type { RemoteFiles } from './remote-files.ts';

/** Turns paths into what people are shown: relative to where they are, when below it; and has what is at them. */
export class FileNames {
  readonly cwd: string;
  readonly inputs: Inputs;
  readonly remotes: RemoteFiles;
  constructor(cwd: string, inputs: Inputs, remotes: RemoteFiles) {
    this.cwd = cwd;
    this.inputs = inputs;
    this.remotes = remotes;
  }

  isFile(path: string): boolean {
    return this.inputs.kindOf(path) === 'file';
  }

  absolute(path: string): string {
    return resolve(this.cwd, path);
  }

  display(path: string): string {
    if (path === '-') return 'stdin';
    const near = relative(this.cwd, path);
    return near === '' || near.startsWith('..') || isAbsolute(near) ? path : near;
  }
}
