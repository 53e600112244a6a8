/** Interrupts of this command: SIGINT, SIGTERM, or the key that stands for them. */
export interface Interrupts {
  readonly first: Promise<undefined>;
  readonly second: Promise<undefined>;
  happened(): boolean;
  /** As if a signal had come. */
  raise(): void;
  stop(): void;
}

export function listenForInterrupts(): Interrupts {
  const first = Promise.withResolvers<undefined>();
  const second = Promise.withResolvers<undefined>();
  let count = 0;
  const raise = (): void => {
    (count++ === 0 ? first : second).resolve(undefined);
  };
  process.on('SIGINT', raise);
  process.on('SIGTERM', raise);
  return {
    first: first.promise,
    second: second.promise,
    happened: () => count > 0,
    raise,
    stop: () => {
      process.off('SIGINT', raise);
      process.off('SIGTERM', raise);
    },
  };
}
