import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Container, VolumeStore } from '../../model/runtime.ts';
import { MydockerError } from '../../errors.ts';
import type { RuntimeContext } from '../context.ts';
import { layerPath } from '../store/layer-path.ts';

/** The folder of a container's own changes. */
export function writeLayerPath(context: RuntimeContext, id: string): string {
  return join(context.roots.data, 'containers', id, 'diff');
}

/** `pack` and `unpack` options for the container's tree without its volumes. */
export function bareTreeArgs(context: RuntimeContext, container: Container): string[] {
  return runningArgs(context, container, ['--one-file-system']) ?? mergedArgs(context, container);
}

/** `pack` and `unpack` options for the container's tree as it sees it: with volumes and binds, running or not. */
export async function fullTreeArgs(context: RuntimeContext, container: Container, volumes: Pick<VolumeStore, 'get'>): Promise<string[]> {
  const running = runningArgs(context, container, []);
  if (running !== undefined) return running;
  return [...mergedArgs(context, container), ...(await mountArgs(container, volumes))];
}

function runningArgs(context: RuntimeContext, { config, state }: Container, extra: readonly string[]): string[] | undefined {
  if (state.pid === 0) return undefined;
  const path = join(context.roots.run, 'containers', config.id, 'state.json');
  const { pid, pidStart } = JSON.parse(readFileSync(path, 'utf8')) as { readonly pid?: number; readonly pidStart?: number };
  if (pid !== state.pid || pidStart === undefined) {
    throw new MydockerError('state', 'it just stopped or restarted', {
      resource: `container ${config.name}`,
      hint: 'Run the command again.',
    });
  }
  return ['--pid', String(pid), '--pid-start', String(pidStart), ...extra];
}

function mergedArgs(context: RuntimeContext, { config }: Container): string[] {
  return [
    ...config.image.layers.flatMap((diffId) => ['--lower', layerPath(context.roots, diffId)]),
    '--upper',
    writeLayerPath(context, config.id),
    '--work',
    join(context.roots.data, 'containers', config.id, 'work'),
  ];
}

async function mountArgs({ config }: Container, volumes: Pick<VolumeStore, 'get'>): Promise<string[]> {
  const args: string[] = [];
  const byDepth = [...config.mounts].sort((left, right) => left.target.split('/').length - right.target.split('/').length);
  for (const mount of byDepth) {
    let source: string | undefined;
    if (mount.type === 'bind') source = mount.source;
    if (mount.type === 'volume') {
      const root = (await volumes.get(mount.volume))?.mountpoint;
      // Two slashes: the core follows no link of the subpath out of the volume.
      source = root === undefined || mount.subpath === '' ? root : `${root}//${mount.subpath}`;
    }
    if (source !== undefined) args.push('--mount', `${source}:${mount.target}:${mount.readOnly ? 'ro' : 'rw'}`);
  }
  return args;
}
