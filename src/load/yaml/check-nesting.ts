import type { CST } from 'yaml';
import type { Problems } from '../problems.ts';
import type { Source } from '../source.ts';

/** Real files stay below 20; composing recurses, so without a limit a hostile file would end in a stack overflow. */
const MAX_DEPTH = 200;

/** Walks the tokens without recursion; false when they nest too deep, which is then reported. */
export function checkNesting(tokens: readonly CST.Token[], source: Source, problems: Problems): boolean {
  let level: CST.Token[] = [...tokens];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) {
      const [first] = level;
      const offset = first !== undefined && 'offset' in first ? first.offset : 0;
      problems.add(`nested more than ${String(MAX_DEPTH)} levels deep`, { position: source.position(offset) });
      return false;
    }
    const next: CST.Token[] = [];
    for (const token of level) collectChildren(token, next);
    level = next;
  }
  return true;
}

function collectChildren(token: CST.Token, into: CST.Token[]): void {
  if (token.type === 'document') {
    if (token.value) into.push(token.value);
    return;
  }
  if (token.type !== 'block-map' && token.type !== 'block-seq' && token.type !== 'flow-collection') return;
  for (const item of token.items) {
    if (item.key) into.push(item.key);
    if (item.value) into.push(item.value);
  }
}
