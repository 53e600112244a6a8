import { paint } from './colors.ts';

/** A key and what it does now. */
export interface MenuItem {
  readonly key: string;
  readonly text: string;
}

const GAP = '   ';

/** `w Enable Watch   d Detach`, as many of the items as fit whole into so many columns; of the first at least its key. */
export function menuText(items: readonly MenuItem[], columns: number, color: boolean): string {
  const shown: string[] = [];
  let used = 0;
  for (const { key, text } of items) {
    const width = (shown.length === 0 ? 0 : GAP.length) + key.length + 1 + text.length;
    if (used + width > columns) break;
    used += width;
    shown.push(`${paint('bold', key, color)} ${paint('dim', text, color)}`);
  }
  if (shown.length > 0) return shown.join(GAP);
  return items
    .map(({ key }) => key)
    .join(' ')
    .slice(0, columns);
}
