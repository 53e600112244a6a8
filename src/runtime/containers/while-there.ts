import { existsSync } from 'node:fs';
import { MydockerError } from '../../errors.ts';
import type { ContainerPaths } from './paths.ts';

/** Whatever fails because another command removes the container at the same time says so: `not-found`. */
export async function whileThere<T>({ data }: Pick<ContainerPaths, 'data'>, reference: string, use: () => Promise<T>): Promise<T> {
  try {
    return await use();
  } catch (error) {
    if (existsSync(data)) throw error;
    throw new MydockerError('not-found', `no such container: ${reference}`, { cause: error });
  }
}
