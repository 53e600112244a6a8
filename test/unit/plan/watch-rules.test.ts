import { expect, test } from 'bun:test';
import type { WatchTrigger } from '../../../src/model/service.ts';
import { concerns, watchRule, workOf } from '../../../src/plan/watch-rules.ts';
import { IgnorePatterns } from '../../../src/util/ignore-patterns.ts';

const trigger = (more: Partial<WatchTrigger> = {}): WatchTrigger => ({ path: '/p/src', action: 'sync', target: '/app', ...more });

test('a rule concerns what is below its path and not ignored', () => {
  const rule = watchRule('web', trigger({ ignore: ['node_modules', '*.log'] }), { folder: '/p', ignore: new IgnorePatterns(['src/tmp']) });
  expect(['/p/src/a.ts', '/p/src', '/p/src/deep/b.ts'].every((path) => concerns(rule, path))).toBe(true);
  const left = ['/p/other', '/p/src/node_modules/x', '/p/src/a.log', '/p/src/tmp/f', '/p/src/.git/HEAD', '/p/src/.a.ts.swp', '/p/src2/a'];
  expect(left.filter((path) => concerns(rule, path))).toEqual([]);
});

test('with include only what matches counts', () => {
  const rule = watchRule('web', trigger({ include: ['**/*.html'] }));
  expect(concerns(rule, '/p/src/a/b.html')).toBe(true);
  expect(concerns(rule, '/p/src/a/b.css')).toBe(false);
});

test('changes become the work of each service, paths mapped to the target', () => {
  const rules = [
    watchRule('web', trigger()),
    watchRule('web', trigger({ path: '/p/web.conf', action: 'sync+restart', target: '/etc/web.conf' })),
    watchRule('api', trigger({ path: '/p/package.json', action: 'rebuild' })),
    watchRule('idle', trigger({ path: '/p/idle' })),
  ];
  expect(workOf(rules, ['/p/src/x/y', '/p/web.conf', '/p/package.json'])).toEqual([
    {
      service: 'web',
      rebuild: false,
      restart: true,
      syncs: [
        { host: '/p/src/x/y', target: '/app/x/y' },
        { host: '/p/web.conf', target: '/etc/web.conf' },
      ],
      hooks: [],
    },
    { service: 'api', rebuild: true, restart: false, syncs: [], hooks: [] },
  ]);
});
