import { expect, test } from 'bun:test';
import type { WatchTrigger } from '../../../src/model/service.ts';
import { concerns, isBound, isShown, syncPath, watchRule, workOf, type WatchPlace, type WatchRule } from '../../../src/plan/watch-rules.ts';
import { IgnorePatterns } from '../../../src/util/ignore-patterns.ts';

const trigger = (more: Partial<WatchTrigger> = {}): WatchTrigger => ({ path: '/p/src', action: 'sync', target: '/app', ...more });

function rule(more: Partial<WatchTrigger> = {}, place: Partial<WatchPlace> = {}): WatchRule {
  return watchRule({ service: 'web', context: undefined, binds: [], ...place }, trigger(more), true);
}

test('a rule concerns what is below its path and not ignored', () => {
  const one = rule({ ignore: ['node_modules', '*.log'] }, { context: { folder: '/p', ignore: new IgnorePatterns(['src/tmp']) } });
  expect(['/p/src/a.ts', '/p/src', '/p/src/deep/b.ts'].every((path) => concerns(one, path))).toBe(true);
  const left = ['/p/other', '/p/src/node_modules/x', '/p/src/a.log', '/p/src/tmp/f', '/p/src/.git/HEAD', '/p/src/.a.ts.swp', '/p/src2/a'];
  expect(left.filter((path) => concerns(one, path))).toEqual([]);
});

test('with include only what matches counts', () => {
  const one = rule({ include: ['**/*.html'] });
  expect(concerns(one, '/p/src/a/b.html')).toBe(true);
  expect(concerns(one, '/p/src/a/b.css')).toBe(false);
});

test('what a bind mount shows in the container is not copied there again', () => {
  const binds = [{ source: '/p/src', target: '/app' }];
  expect(isBound(rule({ path: '/p/src/deep' }, { binds }))).toBe(true);
  expect(isBound(rule({ path: '/p' }, { binds }))).toBe(false);
  expect(isBound(rule({ action: 'restart' }, { binds }))).toBe(false);
  const outer = rule({ path: '/p', target: '/' }, { binds: [{ source: '/p/src', target: '/src' }] });
  expect(['/p/src/a', '/p/b'].map((path) => isShown(outer, syncPath(outer, path)))).toEqual([true, false]);
});

test.each([
  [{ action: 'rebuild' }, `can't watch service "web" with action rebuild without a build context`],
  [{ action: 'sync+exec' }, 'without a command'],
  [{ ignore: ['[a'] }, 'a bracket is not closed'],
] as const)('%p is refused', (more, message) => {
  expect(() => watchRule({ service: 'web', context: undefined, binds: [] }, trigger(more), false)).toThrow(message);
});

test('changes become work, paths mapped to the target, each service once', () => {
  const exec = rule({ path: '/p/seed', action: 'sync+exec', target: 'seed', exec: { command: ['load'] } });
  const rules = [
    rule(),
    rule({ path: '/p/web.conf', action: 'sync+restart', target: '/etc/web.conf' }),
    rule({ path: '/p/web.env', action: 'restart' }),
    rule({ path: '/p/package.json', action: 'rebuild' }, { service: 'api' }),
    rule({ path: '/p/idle' }, { service: 'idle' }),
    exec,
  ];
  expect(workOf(rules, ['/p/src/x/y', '/p/web.conf', '/p/web.env', '/p/package.json', '/p/seed'])).toEqual({
    rebuilds: ['api'],
    syncs: [
      {
        service: 'web',
        paths: [
          { host: '/p/src/x/y', target: '/app/x/y' },
          { host: '/p/web.conf', target: '/etc/web.conf' },
          { host: '/p/seed', target: '/seed' },
        ],
      },
    ],
    restarts: ['web'],
    hooks: [exec],
  });
});
