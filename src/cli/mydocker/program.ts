export async function runMydocker(argv: readonly string[]): Promise<number> {
  process.stdout.write(`mydocker ${argv.join(' ')}\n`);
  return Promise.resolve(0);
}
