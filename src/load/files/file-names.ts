import { isAbsolute, relative, resolve } from 'node:path';

/** Turns paths into what people are shown: relative to where they are, when below it. */
export class FileNames {
  readonly cwd: string;
  constructor(cwd: string) {
    this.cwd = cwd;
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
