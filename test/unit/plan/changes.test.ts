import { expect, test } from 'bun:test';
import { changesBetween, describeChanges } from '../../../src/plan/changes.ts';

test.each([
  [{ a: 1 }, { a: 1 }, ''],
  [{ a: 1 }, { a: 2 }, 's.a changed: 1 -> 2'],
  [{}, { a: 'x' }, 's.a added: "x"'],
  [{ a: ['x'] }, {}, 's.a removed: ["x"]'],
  [{ v: [{ target: '/a', source: 'x' }] }, { v: [{ target: '/a', source: 'y' }] }, 's.v[/a].source changed: "x" -> "y"'],
  [{ v: [{ target: '/a' }] }, { v: [{ target: '/a' }, { target: '/b' }] }, 's.v[/b] added: {"target":"/b"}'],
  [{ e: { API_TOKEN: 'x' } }, { e: { API_TOKEN: 'y' } }, 's.e.API_TOKEN changed: "***" -> "***"'],
  [{}, { e: { PASSWORD: 'x', A: 'b' } }, 's.e added: {"PASSWORD":"***","A":"b"}'],
  [{ e: { URL: 'pg://u:old@db/x' } }, { e: { URL: 'pg://u:new@db/x' } }, 's.e.URL changed: "pg://u:***@db/x" -> "pg://u:***@db/x"'],
  [{ c: ['run'] }, { c: ['run', '--db-password=x', '--port=1'] }, 's.c changed: ["run"] -> ["run","--db-password=***","--port=1"]'],
  [{ n: { a: null } }, { n: { a: null, b: null } }, 's.n.b added'],
  [{ n: { a: null } }, { n: { a: { x: 1 } } }, 's.n.a.x added: 1'],
  [{}, { a: 1, b: 2, c: 3, d: 4 }, 's.a added: 1; s.b added: 2; s.c added: 3; and 1 more'],
])('%j -> %j', (before, after, text) => {
  expect(describeChanges(changesBetween('s', before, after))).toBe(text);
});
