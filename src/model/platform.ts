import { MydockerError } from '../errors.ts';

/** `linux/arm64/v8`. */
export function parsePlatform(text: string): { readonly os: string; readonly architecture: string; readonly variant?: string } {
  const [, os, architecture, variant] = /^([a-z]+)\/([a-z0-9]+)(?:\/([a-z0-9]+))?$/.exec(text) ?? [];
  if (os === undefined || architecture === undefined) {
    throw new MydockerError('invalid', `platform ${JSON.stringify(text)} is not OS/ARCHITECTURE[/VARIANT]`);
  }
  return { os, architecture, ...(variant === undefined ? {} : { variant }) };
}
