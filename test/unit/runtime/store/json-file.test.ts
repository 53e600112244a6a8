import { afterEach, beforeEach, expect, test } from 'bun:test';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { readJsonIfExists, writeJson } from '../../../../src/runtime/store/json-file.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'json-file-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const schema = z.object({ version: z.literal(1), name: z.string() });
const kind = { resource: 'thing 1', repair: 'Remove it.' };

test('what is written is read back, private to its owner', async () => {
  const path = join(folder, 'a.json');
  await writeJson(path, { version: 1, name: 'x' });
  expect(readJsonIfExists(path, schema, kind)).toEqual({ version: 1, name: 'x' });
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toEqual(['a.json']);
});

test('a missing file is undefined, a broken one an error that names file and repair', () => {
  const path = join(folder, 'b.json');
  expect(readJsonIfExists(path, schema, kind)).toBeUndefined();
  for (const text of ['', '{"version":1', '[]', '{"version":2,"name":"x"}']) {
    writeFileSync(path, text);
    expect(() => readJsonIfExists(path, schema, kind)).toThrow(
      expect.objectContaining({ code: 'corrupt', resource: 'thing 1', hint: 'Remove it.', message: expect.stringContaining(path) }),
    );
  }
});

test('what a power cut tore counts as missing where nobody waited for the disk', () => {
  const path = join(folder, 'c.json');
  for (const text of ['', '\0\0\0\0']) {
    writeFileSync(path, text);
    expect(readJsonIfExists(path, schema, { ...kind, mayBeTorn: true })).toBeUndefined();
  }
  writeFileSync(path, '{"version":1');
  expect(() => readJsonIfExists(path, schema, { ...kind, mayBeTorn: true })).toThrow('is not JSON');
});

test('a write that fails leaves no temporary file behind', async () => {
  await Bun.write(join(folder, 'taken', 'file'), '');
  await expect(writeJson(join(folder, 'taken'), {})).rejects.toThrow();
  expect(readdirSync(folder)).toEqual(['taken']);
});

test('a sealed record is read back as it was; one that was edited is looked into', async () => {
  const path = join(folder, 'c.json');
  const sealedKind = { ...kind, seal: 'thing 1' };
  await writeJson(path, { version: 1, name: 'x' }, { seal: 'thing 1' });
  expect(readJsonIfExists(path, schema, sealedKind)).toEqual({ version: 1, name: 'x' });
  const text = readFileSync(path, 'utf8');
  expect(JSON.parse(text)).toMatchObject({ version: 1, name: 'x' });
  writeFileSync(path, text.replace('"x"', '"y"'));
  expect(readJsonIfExists(path, schema, sealedKind)).toEqual({ version: 1, name: 'y' });
  writeFileSync(path, text.replace('"x"', '7'));
  expect(() => readJsonIfExists(path, schema, sealedKind)).toThrow(expect.objectContaining({ code: 'corrupt' }));
  writeFileSync(path, text.slice(0, -20));
  expect(() => readJsonIfExists(path, schema, sealedKind)).toThrow(expect.objectContaining({ code: 'corrupt' }));
});

test('a seal of another shape does not count', async () => {
  const path = join(folder, 'd.json');
  await writeJson(path, { version: 1, name: 7 }, { seal: 'thing 0' });
  expect(() => readJsonIfExists(path, schema, { ...kind, seal: 'thing 1' })).toThrow(expect.objectContaining({ code: 'corrupt' }));
});
