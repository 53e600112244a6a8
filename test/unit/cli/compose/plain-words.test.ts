import { expect, test } from 'bun:test';
import { Command } from 'commander';
import fc from 'fast-check';
import { defineExec } from '../../../../src/cli/compose/exec.ts';
import { defineGlobals } from '../../../../src/cli/compose/session/define-globals.ts';
import { plainExec } from '../../../../src/cli/compose/session/plain-words.ts';
import type { Session } from '../../../../src/cli/compose/session/session.ts';

/** What commander makes of the same line; undefined where it refuses it. */
async function parsed(argv: readonly string[]): Promise<object | undefined> {
  let found: object | undefined;
  const program = new Command().enablePositionalOptions().exitOverride();
  defineGlobals(program);
  const command = program.command('exec').exitOverride();
  defineExec(command, {} as Session);
  command.action((service: string, args: readonly string[], { TTY, tty, interactive, ...options }: Record<string, unknown>) => {
    expect(interactive).toBe(true);
    found = { globals: program.opts(), noTerminal: TTY === false || tty === false, service, args, options };
  });
  for (const one of [program, command]) one.configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
  await program.parseAsync(argv, { from: 'user' }).catch(() => undefined);
  return found;
}

const WORDS =
  'exec s1 -f a.yaml --file -p demo --project-name --project-directory --env-file --profile --data-root --run-root -T --no-tty --no-TTY -e A=1 --env B -u 0 --user root -w / --workdir sh -c -- - -i -d -fx --file=x -uroot -Te --index 2 --dry-run --help'.split(
    ' ',
  );

test('a plain line means what commander makes of it', async () => {
  let plain = 0;
  const line = fc
    .tuple(fc.array(fc.constantFrom(...WORDS), { maxLength: 4 }), fc.array(fc.constantFrom(...WORDS), { maxLength: 6 }))
    .map(([before, after]) => [...before, 'exec', ...after]);
  await fc.assert(
    fc.asyncProperty(line, async (argv) => {
      const words = plainExec(argv);
      if (words === undefined) return;
      plain++;
      expect(await parsed(argv)).toEqual(words);
    }),
    { numRuns: 20_000 },
  );
  expect(plain).toBeGreaterThan(50);
});

test('whole flags with values of their own are plain, all else is left to commander', () => {
  expect(plainExec('-f a.yaml -f b.yaml -p demo exec -T -e A=1 -e B -u root -w /srv web sh -c true'.split(' '))).toEqual({
    globals: { file: ['a.yaml', 'b.yaml'], projectName: 'demo', ansi: 'auto' },
    options: { env: ['A=1', 'B'], user: 'root', workdir: '/srv' },
    noTerminal: true,
    service: 'web',
    args: ['sh', '-c', 'true'],
  });
  const others = [
    'exec web',
    'exec -d web true',
    'exec -e web -- true',
    '-fa exec web true',
    'exec web -- true',
    'run web exec',
    'exec --index 2 web true',
  ];
  for (const line of others) expect(plainExec(line.split(' '))).toBeUndefined();
});
