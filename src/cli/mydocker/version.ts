import type { Command } from 'commander';
import { release } from 'node:os';
import { hostArchitecture } from '../../runtime/images/platform.ts';
import { formatRows } from '../../ui/rows.ts';
import { writeOut } from '../../util/stdio.ts';
import { VERSION } from '../version.ts';

export function defineVerb(command: Command): void {
  command.option('-f, --format <format>', 'a Go template, or json').action(({ format }: { readonly format?: string }) => {
    if (format === undefined) {
      writeOut(`mydocker version ${VERSION}\n`);
      return;
    }
    // One program is both; scripts ask either side.
    const both = { Version: VERSION, Os: process.platform, Arch: hostArchitecture() };
    const row = { Client: both, Server: { ...both, KernelVersion: release() } };
    writeOut(formatRows([row], { format, columns: [] }));
  });
}
