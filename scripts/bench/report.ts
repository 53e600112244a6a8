import type { Contender } from './contender.ts';
import type { Samples } from './timing.ts';

/** Rows whose name ends in `(per second)` are better when larger; the ratio is always "how many times better we are". */
export function formatTable(samples: Samples, us: Contender, other: Contender | undefined): string {
  const lines = samples.rows().map((row) => {
    const mine = samples.median(row, us);
    const theirs = samples.median(row, other);
    const larger = row.endsWith('(per second)');
    const ratio = mine === undefined || theirs === undefined || mine === 0 ? undefined : larger ? mine / theirs : theirs / mine;
    return `| ${row} | ${formatValue(mine, row)} | ${formatValue(theirs, row)} | ${ratio === undefined ? '' : `${ratio.toFixed(1)} ×`} |`;
  });
  return [`| what | ${us.name} | ${other?.name ?? 'reference'} | better by |`, '| --- | ---: | ---: | ---: |', ...lines].join('\n');
}

function formatValue(value: number | undefined, row: string): string {
  if (value === undefined) return '';
  if (row.endsWith('(per second)')) return Math.round(value).toLocaleString('en');
  if (row.endsWith('(KiB)')) return Math.round(value).toLocaleString('en');
  return value < 100 ? `${value.toFixed(1)} ms` : `${Math.round(value).toLocaleString('en')} ms`;
}
