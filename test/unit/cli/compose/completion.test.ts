import { expect, test } from 'bun:test';
import { complete } from '../../../../src/cli/compose/completion/candidates.ts';
import type { Globals } from '../../../../src/cli/compose/session/globals.ts';

const services = (): Promise<readonly string[]> => Promise.resolve(['db', 'web', 'worker']);

async function values(...words: string[]): Promise<string[]> {
  const { candidates, files } = await complete(words, services);
  return [...candidates.map(({ value }) => value), ...(files ? [':files'] : [])];
}

test('the first word completes to commands, hidden ones left out', async () => {
  expect(await values('do')).toEqual(['down', 'doctor']);
  expect(await values('')).not.toContain('__complete');
});

test('services complete where a command takes them, each once', async () => {
  expect(await values('stop', 'w')).toEqual(['web', 'worker']);
  expect(await values('stop', 'web', '')).toEqual(['db', 'worker']);
});

test('flags complete to those of the command', async () => {
  expect(await values('down', '--vol')).toEqual(['--volumes']);
  expect(await values('--proj')).toEqual(['--project-directory', '--project-name']);
});

test('a flag that takes one of a set of values completes to them', async () => {
  expect(await values('--ansi', '')).toEqual(['never', 'always', 'auto']);
});

test('services complete as values of flags and with a number to come', async () => {
  expect(await values('up', '--no-attach', 'd')).toEqual(['db']);
  expect(await values('up', '--exit-code-from', '')).toEqual(['db', 'web', 'worker']);
  expect(await values('up', '--scale', 'w')).toEqual(['web=', 'worker=']);
  expect(await values('scale', 'd')).toEqual(['db=']);
});

test('a flag that takes a file asks for file names, and its value is not the command', async () => {
  expect(await values('-f', '')).toEqual([':files']);
  expect(await values('-f', 'other.yaml', 'dow')).toEqual(['down']);
});

test('the services are those of the files named on the line', async () => {
  let asked: Globals | undefined;
  await complete(['-f', 'other.yaml', 'up', ''], (globals) => {
    asked = globals;
    return services();
  });
  expect(asked?.files).toEqual(['other.yaml']);
});

test('the second operand of exec is a program of the container, not a service', async () => {
  expect(await values('exec', 'web', 'd')).toEqual([':files']);
});
