import { MydockerError } from '../errors.ts';

type Row = Readonly<Record<string, unknown>>;

/** Renders the part of Go's templates that `--format` is used with: fields, `json`, `upper`, `lower`, `\t`, `\n`. */
export function renderGoTemplate(template: string, row: Row): string {
  return unescaped(template).replace(/\{\{-?\s*(.*?)\s*-?\}\}/g, (_, expression: string) => evaluate(expression, row));
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

function evaluate(expression: string, row: Row): string {
  const [source = '', ...filters] = expression.split('|').map((part) => part.trim());
  const call = /^(\w+)\s+(.*)$/.exec(source);
  const value = call === null ? field(source, row) : applied(call[1] ?? '', field(call[2] ?? '', row), expression);
  const result = filters.reduce<unknown>((current, filter) => applied(filter, current, expression), value);
  return typeof result === 'string' ? result : typeof result === 'object' ? JSON.stringify(result) : String(result);
}

function field(path: string, row: Row): unknown {
  if (path === '.') return row;
  const label = /^\.Label\s+"(.*)"$/.exec(path);
  const name = label === null ? path.replace(/^\./, '') : 'Labels';
  if (!path.startsWith('.') || !(name in row)) {
    throw new MydockerError('usage', `template: can't evaluate field ${path.replace(/^\./, '')}`, { hint: `fields: ${Object.keys(row).join(', ')}` });
  }
  return row[name];
}

function applied(name: string, value: unknown, expression: string): unknown {
  switch (name) {
    case 'json':
      return JSON.stringify(value);
    case 'upper':
      return String(value).toUpperCase();
    case 'lower':
      return String(value).toLowerCase();
    case 'len':
      return Array.isArray(value) ? value.length : String(value).length;
    default:
      throw new MydockerError('usage', `template: function "${name}" not defined in ${expression}`);
  }
}
