/** Docker's tab writer has no narrower column. */
const MINIMUM_WIDTH = 10;

/** Columns padded to the widest cell, three spaces apart, as Docker prints tables. Ends with a newline. */
export function formatTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  gap = 3,
  minimumWidth = MINIMUM_WIDTH,
): string {
  const lines = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...lines.map((line) => displayWidth(line[column] ?? ''))));
  return lines
    .map((line) =>
      line
        .map((cell, column) =>
          column === line.length - 1 ? cell : cell + ' '.repeat(Math.max((widths[column] ?? 0) + gap, minimumWidth) - displayWidth(cell)),
        )
        .join(''),
    )
    .map((line) => `${line}\n`)
    .join('');
}

function displayWidth(text: string): number {
  return [...text].length;
}
