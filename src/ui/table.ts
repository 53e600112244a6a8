/** Columns padded to the widest cell, three spaces apart, as Docker prints tables. Ends with a newline. */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[], gap = 3): string {
  const lines = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...lines.map((line) => displayWidth(line[column] ?? ''))));
  return lines
    .map((line) =>
      line
        .map((cell, column) => (column === line.length - 1 ? cell : cell + ' '.repeat((widths[column] ?? 0) - displayWidth(cell) + gap)))
        .join(''),
    )
    .map((line) => `${line}\n`)
    .join('');
}

function displayWidth(text: string): number {
  return [...text].length;
}
