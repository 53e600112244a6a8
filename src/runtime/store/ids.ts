import { randomHex } from '../../util/random.ts';

/** 64 random hex digits: the id of a container or network, or the name of an anonymous volume. */
export function newId(): string {
  for (;;) {
    const id = randomHex(32);
    // Docker's rule: a short id of digits alone would read as a number.
    if (!/^[0-9]{12}/.test(id)) return id;
  }
}

export function isFullId(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

/** Twelve digits: what people read. */
export function shortId(id: string): string {
  return id.slice(0, 12);
}
