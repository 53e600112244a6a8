/** What one check of the host says. */
export interface Finding {
  /** What was looked at: `kernel`, `forwarding`, … */
  readonly subject: string;
  /** `warning`: something works less well; `problem`: something does not work. */
  readonly level: 'ok' | 'warning' | 'problem';
  readonly text: string;
  /** What to do; empty when all is well. */
  readonly advice: string;
}

export function ok(subject: string, text: string): Finding {
  return { subject, level: 'ok', text, advice: '' };
}

export function warning(subject: string, text: string, advice: string): Finding {
  return { subject, level: 'warning', text, advice };
}

export function problem(subject: string, text: string, advice: string): Finding {
  return { subject, level: 'problem', text, advice };
}
