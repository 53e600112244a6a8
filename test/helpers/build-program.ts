import { join } from 'node:path';
import { expectSuccess, run } from './run.ts';

const fixtures = new URL('../fixtures/', import.meta.url).pathname;

/** Compiles `test/fixtures/NAME.c` to a static program in the folder, for images that have no such tool. */
export async function buildProgram(name: string, folder: string): Promise<void> {
  expectSuccess(await run('gcc', ['-static', '-O1', '-o', join(folder, name), join(fixtures, `${name}.c`)]));
}
