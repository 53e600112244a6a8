export interface Challenge {
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** `Bearer realm="https://…",service="…",scope="…"` of a WWW-Authenticate header. */
export function parseChallenge(header: string): Challenge | undefined {
  const scheme = /^\s*([A-Za-z]+)(?:\s|$)/.exec(header)?.[1];
  if (scheme === undefined) return undefined;
  const parameters: Record<string, string> = {};
  for (const [, name = '', quoted, bare] of header.matchAll(/([A-Za-z_]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g)) {
    parameters[name.toLowerCase()] = quoted === undefined ? (bare ?? '') : quoted.replace(/\\(.)/g, '$1');
  }
  return { scheme: scheme.toLowerCase(), parameters };
}
