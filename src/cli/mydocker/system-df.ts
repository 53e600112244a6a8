import type { Command } from 'commander';
import type { MydockerRuntime } from '../../runtime/runtime.ts';
import { humanSize } from '../../ui/human.ts';
import { formatRows, type Column } from '../../ui/rows.ts';
import { writeOut } from '../../util/stdio.ts';
import type { Cli } from './cli.ts';

const COLUMNS: readonly Column[] = [
  { heading: 'TYPE', field: 'Type' },
  { heading: 'TOTAL', field: 'TotalCount' },
  { heading: 'ACTIVE', field: 'Active' },
  { heading: 'SIZE', field: 'Size' },
  { heading: 'RECLAIMABLE', field: 'Reclaimable' },
];

/** Bytes, and how many of them belong to something in use. */
interface Usage {
  readonly total: number;
  readonly active: number;
  readonly bytes: number;
  readonly used: number;
}

export function defineVerb(command: Command, cli: Cli): void {
  command
    .option('--format <format>', 'table, json, or a Go template')
    .action(async ({ format = 'table' }: { readonly format?: string }) => {
      const runtime = await cli.open();
      const rows = [
        rowOf('Images', await imageUsage(runtime)),
        rowOf('Containers', await containerUsage(runtime)),
        rowOf('Local Volumes', await volumeUsage(runtime)),
      ];
      writeOut(formatRows(rows, { format, columns: COLUMNS }));
    });
}

function rowOf(type: string, { total, active, bytes, used }: Usage): Readonly<Record<string, unknown>> {
  const free = bytes - used;
  const share = bytes === 0 ? '' : ` (${String(Math.floor((free * 100) / bytes))}%)`;
  return {
    Active: String(active),
    Reclaimable: `${humanSize(free)}${share}`,
    Size: humanSize(bytes),
    TotalCount: String(total),
    Type: type,
  };
}

/** Layers that several images share count once. */
async function imageUsage({ images, containers }: MydockerRuntime): Promise<Usage> {
  const used = new Set((await containers.list()).map(({ config }) => config.image.id));
  const all = new Map((await images.list()).map((image) => [image.id, image.layers] as const));
  const sizeOf = (ids: readonly string[]): number => {
    const layers = new Set(ids.flatMap((id) => all.get(id) ?? []));
    return [...layers].reduce((sum, layer) => sum + images.library.layerSize(layer), 0);
  };
  const active = [...all.keys()].filter((id) => used.has(id));
  return { total: all.size, active: active.length, bytes: sizeOf([...all.keys()]), used: sizeOf(active) };
}

async function containerUsage({ containers }: MydockerRuntime): Promise<Usage> {
  const all = await containers.list();
  const sizes = await Promise.all(all.map(async ({ config }) => containers.sizeOf(config.id)));
  const runs = all.map(({ state }) => state.supervisorPid > 0);
  const sum = (wanted: (index: number) => boolean): number => sizes.reduce((total, size, index) => total + (wanted(index) ? size : 0), 0);
  return { total: all.length, active: runs.filter(Boolean).length, bytes: sum(() => true), used: sum((index) => runs[index] === true) };
}

async function volumeUsage({ containers, volumes }: MydockerRuntime): Promise<Usage> {
  const inUse = new Set(
    (await containers.list()).flatMap(({ config }) => config.mounts.flatMap((mount) => (mount.type === 'volume' ? [mount.volume] : []))),
  );
  const all = await volumes.list();
  const sizes = await Promise.all(all.map(async ({ name }) => ({ name, bytes: await volumes.sizeOf(name) })));
  const sum = (list: readonly { readonly bytes: number }[]): number => list.reduce((total, { bytes }) => total + bytes, 0);
  const active = sizes.filter(({ name }) => inUse.has(name));
  return { total: all.length, active: active.length, bytes: sum(sizes), used: sum(active) };
}
