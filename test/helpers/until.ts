/** Polls until the probe returns something other than undefined or false; fails with what the last attempt said. */
export async function until<T>(
  description: string,
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  timeout = 20_000,
): Promise<T> {
  const deadline = performance.now() + timeout;
  let last: unknown;
  for (;;) {
    try {
      const value = await probe();
      if (value !== undefined && value !== false) return value;
      last = value;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) throw new Error(`waited ${timeout} ms in vain: ${description}`, { cause: last });
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
