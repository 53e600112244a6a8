export async function runCompose(argv: readonly string[]): Promise<number> {
  process.stdout.write(`mydocker-compose ${argv.join(' ')}\n`);
  return Promise.resolve(0);
}
