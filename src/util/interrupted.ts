const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** What Docker Compose ends with when it is interrupted, by whichever signal. */
export const INTERRUPTED = 130;

function end(signal: NodeJS.Signals): void {
  if (nobodyMinds(signal)) process.exit(INTERRUPTED);
}

/** From now on an interrupt ends this process with 130, unless another listener minds it. Nothing is tidied up: what is under way may be cut off anywhere. */
export function endWhenInterrupted(): void {
  for (const signal of SIGNALS) process.on(signal, end);
}

/** No listener has other plans for the signal. */
export function nobodyMinds(signal: NodeJS.Signals): boolean {
  return process.listeners(signal).every((listener) => listener === end);
}
