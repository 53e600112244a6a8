import { findReferences } from '../interpolate/template.ts';
import { isMapping, type Value } from '../tree.ts';
import { formatJson } from './format-json.ts';
import { formatYaml } from './format-yaml.ts';

export interface Variable {
  readonly name: string;
  readonly required: boolean;
  readonly defaultValue: string;
  readonly presenceValue: string;
}

/** The variables that the values of a model refer to, sorted by name. */
export function findVariables(model: Value): Variable[] {
  const found = new Map<string, Variable>();
  visit(model, (template) => {
    for (const { name, operator, operand } of findReferences(template)) {
      const known = found.get(name);
      found.set(name, {
        name,
        required: (known?.required ?? false) || operator.endsWith('?'),
        defaultValue: operator.endsWith('-') ? operand : (known?.defaultValue ?? ''),
        presenceValue: operator.endsWith('+') ? operand : (known?.presenceValue ?? ''),
      });
    }
  });
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function visit(value: Value, action: (template: string) => void): void {
  if (typeof value === 'string') action(value);
  else if (Array.isArray(value)) for (const item of value) visit(item, action);
  else if (isMapping(value)) for (const item of Object.values(value)) visit(item, action);
}

export function formatVariables(variables: readonly Variable[], format: string | undefined): string {
  const record = Object.fromEntries(
    variables.map(({ name, required, defaultValue, presenceValue }) => [
      name,
      { Name: name, DefaultValue: defaultValue, PresenceValue: presenceValue, Required: required },
    ]),
  );
  if (format === 'json') return `${formatJson(record, 4)}\n`;
  if (format === 'yaml') {
    const lower = Object.entries(record).map(([name, variable]) => [
      name,
      Object.fromEntries(Object.entries(variable).map(([key, value]) => [key.toLowerCase(), value])),
    ]);
    return formatYaml(Object.fromEntries(lower));
  }
  const rows = [
    ['NAME', 'REQUIRED', 'DEFAULT VALUE', 'ALTERNATE VALUE'],
    ...variables.map(({ name, required, defaultValue, presenceValue }) => [name, String(required), defaultValue, presenceValue]),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(20, ...rows.map((row) => (row[column]?.length ?? 0) + 3)));
  return rows.map((row) => `${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('')}\n`).join('');
}
