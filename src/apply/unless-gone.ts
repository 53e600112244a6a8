import { MydockerError } from '../errors.ts';

/** Takes something away; what another command has removed in the meantime is as it was to be. */
export async function unlessGone(taking: Promise<unknown>): Promise<void> {
  try {
    await taking;
  } catch (error) {
    if (!(error instanceof MydockerError) || error.code !== 'not-found') throw error;
  }
}
