import type { Command } from 'commander';
import { MydockerError } from '../../../errors.ts';
import { renderGoTemplate } from '../../../ui/go-template.ts';
import { writeOut } from '../../../util/stdio.ts';
import type { Cli } from '../cli.ts';

export function defineVerb(command: Command, cli: Cli): void {
  command
    .argument('<IMAGE...>')
    .option('-f, --format <format>', 'a Go template, or json')
    .action(async (references: readonly string[], { format }: { readonly format?: string }) => {
      const runtime = await cli.open();
      const images: Record<string, unknown>[] = [];
      const problems: MydockerError[] = [];
      for (const reference of references) {
        try {
          images.push(await runtime.images.inspect(reference));
        } catch (error) {
          if (!(error instanceof MydockerError)) throw error;
          problems.push(error);
        }
      }
      if (format === undefined) writeOut(`${JSON.stringify(images, undefined, 4)}\n`);
      else for (const image of images) writeOut(`${format === 'json' ? JSON.stringify(image) : renderGoTemplate(format, image)}\n`);
      const [first] = problems;
      if (first === undefined) return;
      throw problems.length === 1 ? first : new MydockerError('several', `${String(problems.length)} images are not there`, { problems });
    });
}
