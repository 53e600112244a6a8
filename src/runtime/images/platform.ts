import { arch } from 'node:os';
import type { Descriptor } from '../store/image-records.ts';

/** This machine in Go's words, which image configs use. */
export function hostArchitecture(): string {
  const names: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386', ppc64: 'ppc64le' };
  const name = arch();
  return names[name] ?? name;
}

export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

/** The image of an index for `wish`, this machine by default; one without a platform when nothing else fits. */
export function choosePlatform(manifests: readonly Descriptor[], wish?: Platform): Descriptor | undefined {
  const os = wish?.os ?? 'linux';
  const architecture = wish?.architecture ?? hostArchitecture();
  const fitting = manifests.filter(({ platform }) => platform?.os === os && platform.architecture === architecture);
  const exact = wish?.variant === undefined ? undefined : fitting.find(({ platform }) => platform?.variant === wish.variant);
  return exact ?? fitting[0] ?? (wish === undefined ? manifests.find(({ platform }) => platform === undefined) : undefined);
}
