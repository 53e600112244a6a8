import { MydockerError } from '../errors.ts';
import { parseTemplate, type Node, type Term } from './go-template-parse.ts';

type Row = Readonly<Record<string, unknown>>;

/** Renders what people write after `--format`: fields, pipes, `range`, `if`, `with` and the functions of Docker's templates. */
export function renderGoTemplate(template: string, row: Row): string {
  return renderNodes(parseTemplate(unescaped(template)), { dot: row, variables: new Map([['$', row]]) });
}

/** The header line of `table TEMPLATE`: each field by its heading. */
export function goTemplateHeadings(template: string, headings: Readonly<Record<string, string>>): string {
  return unescaped(template).replace(/\{\{-?\s*(.*?)\s*-?\}\}/g, (_, expression: string) => {
    const field = /\.(\w+)/.exec(expression)?.[1] ?? '';
    return headings[field] ?? field.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toUpperCase();
  });
}

function unescaped(template: string): string {
  return template.replaceAll('\\t', '\t').replaceAll('\\n', '\n');
}

interface Scope {
  readonly dot: unknown;
  readonly variables: ReadonlyMap<string, unknown>;
}

function renderNodes(nodes: readonly Node[], scope: Scope): string {
  return nodes.map((node) => renderNode(node, scope)).join('');
}

function renderNode(node: Node, scope: Scope): string {
  switch (node.kind) {
    case 'text':
      return node.text;
    case 'print':
      return textOf(evaluate(node.term, scope));
    case 'if':
      return renderNodes(isTruthy(evaluate(node.term, scope)) ? node.then : node.otherwise, scope);
    case 'with': {
      const dot = evaluate(node.term, scope);
      return isTruthy(dot) ? renderNodes(node.then, { ...scope, dot }) : renderNodes(node.otherwise, scope);
    }
    case 'range': {
      const entries = entriesOf(evaluate(node.term, scope));
      if (entries.length === 0) return renderNodes(node.otherwise, scope);
      return entries
        .map(([key, dot]) => {
          const variables = new Map([
            ...scope.variables,
            [`$${node.key}`, key] as const,
            [`$${node.value}`, dot] as const,
            ['$', scope.variables.get('$')] as const,
          ]);
          return renderNodes(node.then, { dot, variables });
        })
        .join('');
    }
  }
}

function entriesOf(value: unknown): readonly (readonly [string | number, unknown])[] {
  if (Array.isArray(value)) return value.map((item: unknown, index) => [index, item] as const);
  // Go goes through maps in the order of their keys.
  return isRow(value) ? Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)) : [];
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTruthy(value: unknown): boolean {
  if (value === null || value === undefined || value === false || value === '' || value === 0) return false;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}

/** As Go's fmt prints it: lists as `[a b]`, maps as `map[k:v]`, nothing as `<no value>`. */
function textOf(value: unknown): string {
  if (value === null || value === undefined) return '<no value>';
  if (Array.isArray(value)) return `[${value.map(textOf).join(' ')}]`;
  if (isRow(value)) {
    return `map[${entriesOf(value)
      .map(([key, item]) => `${String(key)}:${textOf(item)}`)
      .join(' ')}]`;
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function evaluate(term: Term, scope: Scope): unknown {
  switch (term.kind) {
    case 'literal':
      return term.value;
    case 'path':
      return term.fields.reduce(fieldOf, term.variable === '' ? scope.dot : scope.variables.get(term.variable));
    case 'call':
      return call(term.name, term.args, scope);
  }
}

function fieldOf(value: unknown, name: string): unknown {
  if (isRow(value)) {
    if (name in value) return value[name];
    // Labels and the like are free maps; of anything with fields of its own a missing one is a slip.
    if (Object.keys(value).some((key) => !/^[A-Z]/.test(key)) || Object.keys(value).length === 0) return undefined;
    throw new MydockerError('usage', `template: can't evaluate field ${name}`, { hint: `fields: ${Object.keys(value).join(', ')}` });
  }
  throw new MydockerError(
    'usage',
    `template: can't evaluate field ${name}: ${value === undefined || value === null ? 'there is nothing that could have it' : `in ${textOf(value)}`}`,
  );
}

function call(name: string, terms: readonly Term[], scope: Scope): unknown {
  const handler = FUNCTIONS[name];
  if (handler === undefined) throw new MydockerError('usage', `template: function "${name}" not defined`);
  return handler(terms.map((term) => evaluate(term, scope)));
}

type GoFunction = (args: readonly unknown[]) => unknown;

const FUNCTIONS: Readonly<Record<string, GoFunction>> = {
  json: ([value]) => JSON.stringify(value ?? null),
  upper: ([value]) => textOf(value).toUpperCase(),
  lower: ([value]) => textOf(value).toLowerCase(),
  Label: ([labels, key]) => labelOf(labels, textOf(key)),
  title: ([value]) => textOf(value).replace(/\b\w/g, (letter) => letter.toUpperCase()),
  len: ([value]) => (typeof value === 'object' && value !== null ? Object.keys(value).length : textOf(value).length),
  index: ([value, ...keys]) => keys.reduce(itemOf, value),
  join: ([value, separator]) => (Array.isArray(value) ? value.map(textOf).join(textOf(separator)) : textOf(value)),
  split: ([value, separator]) => textOf(value).split(textOf(separator)),
  truncate: ([value, length]) => textOf(value).slice(0, Number(length)),
  slice: ([value, from, to]) =>
    (Array.isArray(value) ? value : textOf(value)).slice(Number(from), to === undefined ? undefined : Number(to)),
  println: (args) => `${args.map(textOf).join(' ')}\n`,
  print: (args) => args.map(textOf).join(''),
  printf: ([format, ...args]) => formatted(textOf(format), args),
  eq: ([value, ...others]) => others.includes(value),
  ne: ([left, right]) => left !== right,
  lt: ([left, right]) => Number(left) < Number(right),
  gt: ([left, right]) => Number(left) > Number(right),
  not: ([value]) => !isTruthy(value),
  and: (args) => args.find((value) => !isTruthy(value)) ?? args.at(-1),
  or: (args) => args.find(isTruthy) ?? args.at(-1),
};

/** Rows have their labels as `a=1,b=2`. */
function labelOf(labels: unknown, key: string): unknown {
  if (isRow(labels)) return labels[key] ?? '';
  const found = textOf(labels)
    .split(',')
    .find((text) => text.startsWith(`${key}=`));
  return found?.slice(key.length + 1) ?? '';
}

function itemOf(value: unknown, key: unknown): unknown {
  if (Array.isArray(value)) return value[Number(key)];
  return isRow(value) ? value[textOf(key)] : undefined;
}

function formatted(format: string, args: readonly unknown[]): string {
  let next = 0;
  return format.replace(/%(-?\d*)([svdq%])/g, (_, width: string, verb: string) => {
    if (verb === '%') return '%';
    const text = verb === 'q' ? JSON.stringify(textOf(args[next++])) : textOf(args[next++]);
    return width.startsWith('-') ? text.padEnd(Number(width.slice(1))) : text.padStart(Number(width));
  });
}
