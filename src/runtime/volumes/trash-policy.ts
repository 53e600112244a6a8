import { MydockerError } from '../../errors.ts';
import { parseByteSize } from '../../util/byte-size.ts';

/** How long removed volumes can be brought back, and how much room they may take together. */
export interface TrashPolicy {
  /** Milliseconds; 0 keeps nothing. */
  readonly retention: number;
  /** Bytes. */
  readonly maxSize: number;
}

const DAY = 86_400_000;
const DEFAULT_DAYS = '7';
const DEFAULT_SIZE = '10g';

/** From MYDOCKER_TRASH_DAYS (days, fractions allowed; 0 switches the trash off) and MYDOCKER_TRASH_SIZE (bytes, `500m`, `10g`). */
export function trashPolicy(env: Readonly<Record<string, string | undefined>>): TrashPolicy {
  const days = env['MYDOCKER_TRASH_DAYS'] ?? DEFAULT_DAYS;
  const size = env['MYDOCKER_TRASH_SIZE'] ?? DEFAULT_SIZE;
  const retention = days.trim() === '' ? Number.NaN : Number(days) * DAY;
  if (!Number.isFinite(retention) || retention < 0)
    throw invalid('MYDOCKER_TRASH_DAYS', days, 'a number of days such as 7; 0 removes at once');
  const maxSize = parseByteSize(size);
  if (maxSize === undefined || maxSize < 0) throw invalid('MYDOCKER_TRASH_SIZE', size, 'a size such as 500m or 10g');
  return { retention, maxSize };
}

function invalid(variable: string, value: string, wanted: string): MydockerError {
  return new MydockerError('invalid', `${JSON.stringify(value)} is not ${wanted}`, { resource: variable });
}

export interface TrashEntry {
  /** Folder name in the trash. */
  readonly id: string;
  /** The name of the volume when it was removed. */
  readonly name: string;
  /** Unix time in milliseconds. */
  readonly removed: number;
}

/** `NAME@REMOVED-UNIQUE`; undefined for a name that is not of this form. */
export function parseTrashId(id: string): TrashEntry | undefined {
  const [, name, removed] = /^([a-zA-Z0-9][a-zA-Z0-9_.-]*)@(\d{1,15})-[0-9a-f]{12}$/.exec(id) ?? [];
  return name === undefined || removed === undefined ? undefined : { id, name, removed: Number(removed) };
}

/** The entries whose time is over, and the oldest of the rest while all together are too large. */
export function expired<T extends TrashEntry & { readonly size: number }>(
  entries: readonly T[],
  policy: TrashPolicy,
  now: number,
): readonly T[] {
  const newestFirst = [...entries].sort((a, b) => b.removed - a.removed);
  let total = 0;
  return newestFirst.filter(({ removed, size }) => {
    if (now - removed >= policy.retention) return true;
    if (total + size > policy.maxSize) return true;
    total += size;
    return false;
  });
}
