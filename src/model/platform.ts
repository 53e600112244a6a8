import { MydockerError } from '../errors.ts';

export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

const SYSTEMS = ['linux', 'windows', 'darwin', 'freebsd', 'openbsd', 'netbsd', 'solaris', 'illumos', 'aix', 'wasip1'];
const ARCHITECTURES = [
  '386',
  'amd64',
  'arm',
  'arm64',
  'loong64',
  'mips',
  'mips64',
  'mips64le',
  'mipsle',
  'ppc64',
  'ppc64le',
  'riscv64',
  's390x',
  'wasm',
];
const ALIASES: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  'x86-64': 'amd64',
  aarch64: 'arm64',
  i386: '386',
  armhf: 'arm',
  armel: 'arm',
  macos: 'darwin',
};

/** `linux/arm64/v8`, `arm64`, `linux`; what is left out is Linux and `ownArchitecture`. Undefined when it names nothing known. */
export function readPlatform(text: string, ownArchitecture = 'amd64'): Platform | undefined {
  const [first = '', second, variant, ...rest] = text
    .toLowerCase()
    .split('/')
    .map((part) => ALIASES[part] ?? part);
  if (rest.length > 0) return undefined;
  if (second === undefined) {
    if (SYSTEMS.includes(first)) return { os: first, architecture: ownArchitecture };
    return ARCHITECTURES.includes(first) ? { os: 'linux', architecture: first } : undefined;
  }
  if (!/^[a-z0-9_-]+$/.test(first) || !/^[a-z0-9_-]+$/.test(second)) return undefined;
  return { os: first, architecture: second, ...(variant === undefined ? {} : { variant }) };
}

/** As `readPlatform`, or an error of the code `invalid`. */
export function parsePlatform(text: string): Platform {
  const platform = readPlatform(text);
  if (platform === undefined) {
    throw new MydockerError('invalid', `platform ${JSON.stringify(text)}: unknown operating system or architecture`, {
      hint: 'Write for example linux/arm64.',
    });
  }
  return platform;
}

/** Whether an image is for the platform asked for; variants do not matter. */
export function isForPlatform(image: { readonly os: string; readonly architecture: string }, wanted: string): boolean {
  const { os, architecture } = parsePlatform(wanted);
  return (image.os === '' || image.os === os) && (image.architecture === '' || image.architecture === architecture);
}
