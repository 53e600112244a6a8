/**
 * The template language of Compose: `$NAME`, `${NAME}`, `${NAME:-default}`, `-`, `:?message`, `?`, `:+alternative`, `+`, `$$`.
 * The text after an operator is a template itself.
 */
export interface TemplateContext {
  lookup(name: string): string | undefined;
  /** Called for a plain reference to a variable that is not set. */
  missing?(name: string): void;
}

export class TemplateError extends Error {
  readonly kind: 'syntax' | 'required' | 'depth';
  constructor(kind: 'syntax' | 'required' | 'depth', message: string) {
    super(message);
    this.kind = kind;
  }
}

export type Operator = '' | '-' | ':-' | '?' | ':?' | '+' | ':+';
export interface Reference {
  readonly name: string;
  readonly operator: Operator;
  /** What follows the operator, not yet substituted. */
  readonly operand: string;
}

const NAME = /[_a-zA-Z][_a-zA-Z0-9]*/y;
const OPERATOR = /:?[-?+]/y;
const MAX_DEPTH = 100;

export function substitute(template: string, context: TemplateContext): string {
  return template.includes('$') ? expand(template, context, 0) : template;
}

/** Every reference in a template, those in operands too. */
export function findReferences(template: string, depth = 0): Reference[] {
  const found: Reference[] = [];
  walk(
    template,
    (reference) => {
      found.push(reference);
      if (reference.operand.includes('$') && depth < MAX_DEPTH) found.push(...findReferences(reference.operand, depth + 1));
      return '';
    },
    true,
  );
  return found;
}

function expand(template: string, context: TemplateContext, depth: number): string {
  if (depth > MAX_DEPTH) throw new TemplateError('depth', `nested more than ${String(MAX_DEPTH)} levels deep`);
  return walk(template, (reference) => evaluate(reference, context, depth), false);
}

function walk(template: string, replace: (reference: Reference) => string, lenient: boolean): string {
  let result = '';
  let at = 0;
  for (;;) {
    const dollar = template.indexOf('$', at);
    if (dollar === -1 || dollar === template.length - 1) return result + template.slice(at);
    result += template.slice(at, dollar);
    const next = template.charAt(dollar + 1);
    if (next === '$') {
      result += '$';
      at = dollar + 2;
    } else if (next === '{') {
      const reference = parseBraced(template, dollar);
      if (reference === undefined) {
        if (!lenient) throw new TemplateError('syntax', 'invalid interpolation format');
        at = dollar + 2;
      } else {
        result += replace(reference.reference);
        at = reference.end;
      }
    } else {
      NAME.lastIndex = dollar + 1;
      const name = NAME.exec(template)?.[0];
      result += name === undefined ? '$' : replace({ name, operator: '', operand: '' });
      at = dollar + 1 + (name?.length ?? 0);
    }
  }
}

function parseBraced(template: string, dollar: number): { reference: Reference; end: number } | undefined {
  const close = closingBrace(template, dollar);
  if (close === -1) return undefined;
  NAME.lastIndex = dollar + 2;
  const name = NAME.exec(template)?.[0];
  if (name === undefined) return undefined;
  const after = dollar + 2 + name.length;
  if (after === close) return { reference: { name, operator: '', operand: '' }, end: close + 1 };
  OPERATOR.lastIndex = after;
  const operator = OPERATOR.exec(template)?.[0] as Operator | undefined;
  if (operator === undefined) return undefined;
  return { reference: { name, operator, operand: template.slice(after + operator.length, close) }, end: close + 1 };
}

/** Index of the brace that closes the one after `dollar`. Plain braces count too, as in a default that is JSON, if they pair up. */
function closingBrace(template: string, dollar: number): number {
  const paired = findClosing(template, dollar, true);
  return paired === -1 ? findClosing(template, dollar, false) : paired;
}

function findClosing(template: string, dollar: number, countPlain: boolean): number {
  let open = 0;
  for (let at = dollar + 1; at < template.length; at += 1) {
    const char = template.charCodeAt(at);
    if (char === 123) {
      if (countPlain || template.charCodeAt(at - 1) === 36) open += 1;
    } else if (char === 125) {
      open -= 1;
      if (open === 0) return at;
    }
  }
  return -1;
}

function evaluate({ name, operator, operand }: Reference, context: TemplateContext, depth: number): string {
  const value = context.lookup(name);
  if (operator === '') {
    if (value === undefined) context.missing?.(name);
    return value ?? '';
  }
  const given = operator.startsWith(':') ? value !== undefined && value !== '' : value !== undefined;
  const used = operator.endsWith('+') ? given : !given;
  // What is not used has to make sense too, as with Docker Compose; only its variables need not be set.
  const text = expand(operand, used ? context : { lookup: (other) => context.lookup(other) }, depth + 1);
  if (operator.endsWith('+')) return given ? text : '';
  if (given) return value ?? '';
  if (operator.endsWith('-')) return text;
  throw new TemplateError('required', `required variable ${name} is missing a value${text === '' ? '' : `: ${text}`}`);
}
