export type AnsiMode = 'never' | 'always' | 'auto';

/** Whether to write colours: the flag, then NO_COLOR, then whether it goes to a terminal. */
export function usesColor(mode: AnsiMode, terminal: boolean, environment: Readonly<Record<string, string | undefined>>): boolean {
  if (mode !== 'auto') return mode === 'always';
  const forbidden = environment['NO_COLOR'];
  return (forbidden === undefined || forbidden === '') && environment['TERM'] !== 'dumb' && terminal;
}

export type Style = 'red' | 'green' | 'yellow' | 'blue' | 'magenta' | 'cyan' | 'dim' | 'bold';
const CODES: Readonly<Record<Style, number>> = { red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36, dim: 2, bold: 1 };

export function paint(style: Style, text: string, enabled: boolean): string {
  return enabled ? `\u001b[${String(CODES[style])}m${text}\u001b[0m` : text;
}

/** Docker Compose's rainbow: one colour a log source, in turn. */
const RAINBOW = ['36', '33', '32', '35', '34', '36;1', '33;1', '32;1', '35;1', '34;1'] as const;

export function paintPrefix(index: number, text: string, enabled: boolean): string {
  return enabled ? `\u001b[${RAINBOW[index % RAINBOW.length] ?? '36'}m${text}\u001b[0m` : text;
}
