import type { Cell } from '../../test/helpers/terminal.ts';

const COLUMN = 8.43;
const ROW = 18;
const MARGIN = 14;
/** The eight colours of a terminal, on a dark ground. */
const PALETTE = ['#555', '#f07178', '#8ccf7e', '#e5c76b', '#67b0e8', '#c47fd5', '#6cbfbf', '#d0d0d0'];

/** A picture of a terminal's lines, with what was typed above them. */
export function svgOf(lines: readonly (readonly Cell[])[], typed: string, columns: number): string {
  const rows = [`<tspan fill="#9aa">${escaped(typed)}</tspan>`, ...lines.map(rowOf)];
  const width = Math.round(columns * COLUMN + 2 * MARGIN);
  const height = rows.length * ROW + 2 * MARGIN;
  const texts = rows.map((row, index) => `<text x="${String(MARGIN)}" y="${String(MARGIN + (index + 0.75) * ROW)}">${row}</text>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${String(width)}" height="${String(height)}">
<rect width="100%" height="100%" rx="8" fill="#1b1e23"/>
<g font-family="ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="14" fill="#d8dee4" xml:space="preserve">
${texts.join('\n')}
</g>
</svg>
`;
}

/** Neighbours that look alike in one piece. */
function rowOf(cells: readonly Cell[]): string {
  const pieces: { readonly look: string; text: string }[] = [];
  for (const { text, color, bold, dim } of cells) {
    const fill = color === undefined ? '' : ` fill="${PALETTE[color] ?? ''}"`;
    const look = `${fill}${bold ? ' font-weight="bold"' : ''}${dim ? ' opacity="0.6"' : ''}`;
    const last = pieces.at(-1);
    if (last?.look === look) last.text += text;
    else pieces.push({ look, text });
  }
  return pieces.map(({ look, text }) => (look === '' ? escaped(text) : `<tspan${look}>${escaped(text)}</tspan>`)).join('');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
