import { MydockerError } from '../errors.ts';
import { entriesOf, FUNCTIONS, isRow, isStruct, isTruthy, textOf } from './go-template-functions.ts';
import { parseTemplate, type Node, type Pipeline, type Template, type Term } from './go-template-parse.ts';

type Row = Readonly<Record<string, unknown>>;

/** Renders what people write after `--format`: Go's template language with the functions of Docker's templates. Throws `usage`. */
export function renderGoTemplate(template: string, row: Row): string {
  const { nodes, named } = parseTemplate(unescaped(template));
  return renderNodes(nodes, { dot: row, variables: new Map([['$', { value: row }]]), named, depth: 0 });
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

interface Variable {
  value: unknown;
}

interface Scope {
  readonly dot: unknown;
  /** With their dollar signs; a block has a map of its own, so that what it declares ends with it. */
  readonly variables: Map<string, Variable>;
  readonly named: Template['named'];
  readonly depth: number;
}

/** What `break` and `continue` throw. */
class LoopJump extends Error {
  readonly kind: 'break' | 'continue';
  /** What the turn had printed before. */
  text = '';

  constructor(kind: 'break' | 'continue') {
    super(kind);
    this.kind = kind;
  }
}

const MAX_DEPTH = 100;

function renderNodes(nodes: readonly Node[], scope: Scope): string {
  let text = '';
  for (const node of nodes) {
    try {
      text += renderNode(node, scope);
    } catch (error) {
      if (error instanceof LoopJump) error.text = text + error.text;
      throw error;
    }
  }
  return text;
}

function inside(scope: Scope, dot: unknown = scope.dot): Scope {
  return { ...scope, dot, variables: new Map(scope.variables) };
}

function renderNode(node: Node, scope: Scope): string {
  switch (node.kind) {
    case 'text':
      return node.text;
    case 'print': {
      const value = run(node.pipeline, scope);
      return node.pipeline.variable === undefined ? textOf(value) : '';
    }
    case 'if':
    case 'with': {
      const block = inside(scope);
      const value = run(node.pipeline, block);
      if (!isTruthy(value)) return renderNodes(node.otherwise, block);
      return renderNodes(node.then, node.kind === 'with' ? { ...block, dot: value } : block);
    }
    case 'range':
      return renderRange(node, scope);
    case 'template':
      return renderNamed(node, scope);
    case 'break':
    case 'continue':
      throw new LoopJump(node.kind);
  }
}

function renderRange({ key, value, term, then, otherwise }: Extract<Node, { kind: 'range' }>, scope: Scope): string {
  const entries = entriesOf(evaluate(term, scope));
  if (entries.length === 0) return renderNodes(otherwise, inside(scope));
  let text = '';
  for (const [name, dot] of entries) {
    const block = inside(scope, dot);
    if (key !== '') block.variables.set(`$${key}`, { value: name });
    if (value !== '') block.variables.set(`$${value}`, { value: dot });
    try {
      text += renderNodes(then, block);
    } catch (error) {
      if (!(error instanceof LoopJump)) throw error;
      text += error.text;
      if (error.kind === 'break') break;
    }
  }
  return text;
}

function renderNamed({ name, dot }: Extract<Node, { kind: 'template' }>, scope: Scope): string {
  const nodes = scope.named.get(name);
  if (nodes === undefined) throw new MydockerError('usage', `template: no template ${JSON.stringify(name)}`);
  if (scope.depth >= MAX_DEPTH) throw new MydockerError('usage', `template: ${JSON.stringify(name)} calls itself without an end`);
  const value = dot === undefined ? null : evaluate(dot, scope);
  return renderNodes(nodes, { ...scope, dot: value, variables: new Map([['$', { value }]]), depth: scope.depth + 1 });
}

function run({ variable, declares, term }: Pipeline, scope: Scope): unknown {
  const value = evaluate(term, scope);
  if (variable === undefined) return value;
  if (declares === true) scope.variables.set(variable, { value });
  else variableOf(variable, scope).value = value;
  return value;
}

function variableOf(name: string, { variables }: Scope): Variable {
  const found = variables.get(name);
  if (found === undefined) throw new MydockerError('usage', `template: undefined variable ${JSON.stringify(name)}`);
  return found;
}

function evaluate(term: Term, scope: Scope): unknown {
  switch (term.kind) {
    case 'literal':
      return term.value;
    case 'path':
      return term.fields.reduce(fieldOf, term.variable === '' ? scope.dot : variableOf(term.variable, scope).value);
    case 'fields':
      return term.fields.reduce(fieldOf, evaluate(term.of, scope));
    case 'call':
      return call(term.name, term.args, scope);
  }
}

function fieldOf(value: unknown, name: string): unknown {
  if (isRow(value)) {
    if (name in value) return value[name];
    // Labels and the like are free maps; of anything with fields of its own a missing one is a slip.
    if (!isStruct(value)) return undefined;
    throw new MydockerError('usage', `template: can't evaluate field ${name}`, { hint: `fields: ${Object.keys(value).join(', ')}` });
  }
  throw new MydockerError(
    'usage',
    `template: can't evaluate field ${name}: ${value === undefined || value === null ? 'there is nothing that could have it' : `in ${textOf(value)}`}`,
  );
}

function call(name: string, terms: readonly Term[], scope: Scope): unknown {
  const handler = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (handler === undefined) throw new MydockerError('usage', `template: function "${name}" not defined`);
  return handler(terms.map((term) => evaluate(term, scope)));
}
