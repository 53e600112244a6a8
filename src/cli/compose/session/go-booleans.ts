import type { Command } from 'commander';

/** What follows the first operand of these is the command line of another program. */
const PASS_THROUGH = new Set(['exec', 'run']);

/**
 * Go's flags allow `--follow=true`, `-p=false`; commander's do not. `--x=true` becomes `--x`, `--x=false` its opposite
 * or nothing, and `-n=5` is `-n 5`. Only flags that the command knows are touched, and nothing behind `--` or of a program to run.
 */
export function withoutGoBooleans(argv: readonly string[], program: Command, name: string | undefined): readonly string[] {
  const command = program.commands.find((candidate) => candidate.name() === name);
  const options = [...(command?.options ?? []), ...program.options];
  const find = (flag: string): (typeof options)[number] | undefined => options.find(({ long, short }) => long === flag || short === flag);
  const result: string[] = [];
  let operands = 0;
  for (let index = 0; index < argv.length; index++) {
    const arg = argv[index] ?? '';
    const isOperand = !arg.startsWith('-') || arg === '-';
    if (isOperand) operands++;
    if (arg === '--' || (operands > 1 && PASS_THROUGH.has(name ?? ''))) return [...result, ...argv.slice(index)];
    const [, flag = arg, value] = /^(--?[\w-]+)=(true|false|1|0|t|f)$/i.exec(arg) ?? [];
    const option = find(flag);
    const [, short = '', rest] = /^(-\w)=(.*)$/s.exec(arg) ?? [];
    if (rest !== undefined && find(short)?.required === true) result.push(short, rest);
    else if (value === undefined || option === undefined || option.required || option.optional) {
      result.push(arg);
      const takesNext = option?.required === true && !isOperand && value === undefined;
      if (takesNext && index + 1 < argv.length) result.push(argv[++index] ?? '');
    } else if (/^[t1]/i.test(value)) result.push(flag);
    else {
      const long = option.long ?? flag;
      const opposite = long.startsWith('--no-') ? `--${long.slice(5)}` : `--no-${long.slice(2)}`;
      if (find(opposite) !== undefined) result.push(opposite);
    }
  }
  return result;
}
