import { expect, test } from 'bun:test';
import { Command } from 'commander';
import { withoutGoBooleans } from '../../../../src/cli/compose/session/go-booleans.ts';

function rewritten(line: string): string {
  const program = new Command().option('-p, --project-name <name>', '').option('--dry-run', '');
  program.command('logs').option('-f, --follow', '').option('-n, --tail <lines>', '').option('-e, --env <variable>', '');
  program.command('commit').option('-p, --pause', '', true).option('--no-pause', '');
  program.command('exec').option('-T, --no-tty', '').option('-e, --env <variable>', '').option('-d, --detach', '');
  const argv = line.split(' ');
  return withoutGoBooleans(
    argv,
    program,
    argv.find((word) => program.commands.some((command) => command.name() === word)),
  ).join(' ');
}

test.each([
  ['logs --follow=true', 'logs --follow'],
  ['logs --follow=false web', 'logs web'],
  ['logs -f=1', 'logs -f'],
  ['commit --pause=false web', 'commit --no-pause web'],
  ['commit -p=false web', 'commit --no-pause web'],
  ['--dry-run=true logs', '--dry-run logs'],
])('a boolean with a value: %s', (line, expected) => {
  expect(rewritten(line)).toBe(expected);
});

test.each([
  ['logs -n=5 web', 'logs -n 5 web'],
  ['logs --tail=1 -n=0', 'logs --tail=1 -n 0'],
  ['logs --env A=true', 'logs --env A=true'],
  ['logs -e --follow=true', 'logs -e --follow=true'],
  ['logs --unknown=true', 'logs --unknown=true'],
])('a value of an option stays one: %s', (line, expected) => {
  expect(rewritten(line)).toBe(expected);
});

test.each([
  ['exec web prog --detach=true', 'exec web prog --detach=true'],
  ['exec -d=true -e A=true web prog -d=false', 'exec -d -e A=true web prog -d=false'],
  ['-p demo exec --detach=true web prog', '-p demo exec --detach web prog'],
  ['logs -- --follow=true', 'logs -- --follow=true'],
])('the command line of another program is left alone: %s', (line, expected) => {
  expect(rewritten(line)).toBe(expected);
});
