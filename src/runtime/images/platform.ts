import { arch } from 'node:os';

/** This machine in Go's words, which image configs use. */
export function hostArchitecture(): string {
  const names: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386', ppc64: 'ppc64le' };
  const name = arch();
  return names[name] ?? name;
}
