import type { Command } from 'commander';

/** Go's flags allow `--follow=true`; commander's do not. `--x=true` becomes `--x`, `--x=false` its opposite or nothing. */
export function withoutGoBooleans(argv: readonly string[], program: Command, name: string | undefined): readonly string[] {
  const command = program.commands.find((candidate) => candidate.name() === name);
  const options = [...program.options, ...(command?.options ?? [])];
  const end = argv.indexOf('--');
  return argv.flatMap((arg, index) => {
    const match = /^(--[\w-]+)=(true|false|1|0|t|f)$/i.exec(arg);
    if (match === null || (end >= 0 && index > end)) return [arg];
    const [, flag = '', value = ''] = match;
    const option = options.find(({ long }) => long === flag);
    if (option !== undefined && (option.required || option.optional)) return [arg];
    if (/^[t1]/i.test(value)) return [flag];
    const opposite = flag.startsWith('--no-') ? `--${flag.slice(5)}` : `--no-${flag.slice(2)}`;
    return options.some(({ long }) => long === opposite) ? [opposite] : [];
  });
}
