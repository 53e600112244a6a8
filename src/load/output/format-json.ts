/** Indented JSON; integers beyond 2^53 keep their digits. */
export function formatJson(value: unknown, indent = 2): string {
  const big: string[] = [];
  const text = JSON.stringify(
    value,
    (_key, item: unknown) => {
      if (typeof item !== 'bigint') return item;
      big.push(String(item));
      return `\u0000${String(big.length - 1)}`;
    },
    indent,
  );
  return big.length === 0 ? text : text.replace(/"\\u0000(\d+)"/g, (_match, index: string) => big[Number(index)] ?? '');
}
