/** The text in at most so many columns, its last one an ellipsis where something is cut off; colours take no room. */
export function cutToWidth(text: string, columns: number): string {
  // eslint-disable-next-line no-control-regex -- escape sequences are what is told from text
  const parts = text.split(/(\u001b\[[\d;]*m)/);
  const width = parts.reduce((sum, part, index) => (index % 2 === 0 ? sum + [...part].length : sum), 0);
  if (width <= columns) return text;
  let left = columns - 1;
  let cut = false;
  return parts
    .map((part, index) => {
      if (index % 2 === 1) return part;
      if (cut) return '';
      const letters = [...part];
      if (letters.length <= left) {
        left -= letters.length;
        return part;
      }
      cut = true;
      return columns < 1 ? '' : `${letters.slice(0, Math.max(0, left)).join('')}…`;
    })
    .join('');
}
