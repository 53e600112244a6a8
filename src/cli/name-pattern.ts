import { MydockerError } from '../errors.ts';

/** The regular expression of a filter by name. Throws `usage`. */
export function namePattern(pattern: string): RegExp {
  try {
    return new RegExp(pattern);
  } catch (error) {
    throw new MydockerError('usage', `--filter name=${pattern}: not a regular expression`, { cause: error });
  }
}
