import { goTemplateHeadings, renderGoTemplate } from './go-template.ts';
import { parseTemplate } from './go-template-parse.ts';
import { formatTable } from './table.ts';

export interface Column {
  readonly heading: string;
  readonly field: string;
}

export interface RowFormat {
  /** `table`, `json`, `table TEMPLATE` or a Go template. */
  readonly format: string;
  readonly columns: readonly Column[];
  /** JSON as one array in place of a line a row. */
  readonly jsonArray?: boolean;
  readonly gap?: number;
  /** Of a column, gap included. */
  readonly minWidth?: number;
}

/** Rows of a listing in the format that was asked for; text ends with a newline unless it is empty. */
export function formatRows(
  rows: readonly Readonly<Record<string, unknown>>[],
  { format, columns, jsonArray, gap, minWidth }: RowFormat,
): string {
  if (format === 'json') {
    return jsonArray === true ? `${JSON.stringify(rows)}\n` : rows.map((row) => `${goJson(row)}\n`).join('');
  }
  if (format === '' || format === 'table' || format === 'pretty') {
    return formatTable(
      columns.map(({ heading }) => heading),
      rows.map((row) => columns.map(({ field }) => cellText(row[field]))),
      gap,
      minWidth,
    );
  }
  const table = /^table\s+([\s\S]*)$/.exec(format);
  // A mistake in a template shows also when there is nothing to render.
  parseTemplate(table?.[1] ?? format);
  if (table?.[1] === undefined) return rows.map((row) => `${renderGoTemplate(format, row)}\n`).join('');
  const template = table[1];
  const headings = Object.fromEntries(columns.map(({ heading, field }) => [field, heading]));
  const [header = [], ...body] = [goTemplateHeadings(template, headings), ...rows.map((row) => renderGoTemplate(template, row))].map(
    (line) => line.split('\t'),
  );
  return formatTable(header, body, gap);
}

function cellText(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : JSON.stringify(value);
}

/** JSON as Go writes it: `<`, `>` and `&` escaped. */
function goJson(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&]/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`);
}
