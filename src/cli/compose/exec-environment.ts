import { MydockerError } from '../../errors.ts';

/** `-e NAME` passes on our own variable, if it is set. */
export function withOwnValue(variable: string): readonly string[] {
  if (variable.startsWith('=')) throw new MydockerError('usage', `invalid environment variable: ${variable}`, { hint: 'write NAME=VALUE' });
  if (variable.includes('=')) return [variable];
  const own = process.env[variable];
  return own === undefined ? [] : [`${variable}=${own}`];
}
