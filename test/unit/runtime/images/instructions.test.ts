import { describe, expect, test } from 'bun:test';
import { applyChanges, parseDuration } from '../../../../src/runtime/images/instructions.ts';
import type { RunConfig } from '../../../../src/runtime/store/image-records.ts';

describe('--change', () => {
  const cases: readonly (readonly [readonly string[], RunConfig])[] = [
    [['CMD ["a", "b c"]'], { Cmd: ['a', 'b c'] }],
    [['cmd echo "$HOME" && true'], { Cmd: ['/bin/sh', '-c', 'echo "$HOME" && true'] }],
    [['CMD [not json'], { Cmd: ['/bin/sh', '-c', '[not json'] }],
    [['CMD ["x"]', 'ENTRYPOINT ["y"]'], { Cmd: ['x'], Entrypoint: ['y'] }],
    [['ENTRYPOINT ["y"]'], { Cmd: null, Entrypoint: ['y'] }],
    [['ENV A=1 B="two words" C=\\ x'], { Env: ['A=1', 'B=two words', 'C= x'] }],
    [['ENV A the rest  of it'], { Env: ['A=the rest  of it'] }],
    [['ENV A=1', 'ENV B=$A/${A}x A=2'], { Env: ['A=2', 'B=1/1x'] }],
    [["ENV A='$B' B=${NONE:-d} C=${NONE:+e}"], { Env: ['A=$B', 'B=d', 'C='] }],
    [['LABEL a.b="c d" "e f"=g'], { Labels: { 'a.b': 'c d', 'e f': 'g' } }],
    [['EXPOSE 80 53/udp 90-92'], { ExposedPorts: { '80/tcp': {}, '53/udp': {}, '90/tcp': {}, '91/tcp': {}, '92/tcp': {} } }],
    [['VOLUME /a /b'], { Volumes: { '/a': {}, '/b': {} } }],
    [['VOLUME ["/a b"]'], { Volumes: { '/a b': {} } }],
    [['WORKDIR /a', 'WORKDIR b/../c'], { WorkingDir: '/a/c' }],
    [['USER 1:2', 'STOPSIGNAL SIGINT'], { User: '1:2', StopSignal: 'SIGINT' }],
    [['HEALTHCHECK NONE'], { Healthcheck: { Test: ['NONE'] } }],
    [
      ['HEALTHCHECK --interval=5s --retries=2 CMD curl -f x'],
      { Healthcheck: { Test: ['CMD-SHELL', 'curl -f x'], Interval: 5e9, Retries: 2 } },
    ],
    [['ONBUILD RUN x', 'ONBUILD COPY . /'], { OnBuild: ['RUN x', 'COPY . /'] }],
  ];
  for (const [changes, config] of cases) {
    test(changes.join(' | '), () => expect(applyChanges({}, changes)).toEqual(config));
  }

  const wrong: readonly (readonly [string, RegExp])[] = [
    ['RUN x', /not a valid change/],
    ['CMD', /needs an argument/],
    ['ENV A', /two arguments/],
    ['ENV =x', /blank/],
    ['EXPOSE 70000', /EXPOSE/],
    ['ONBUILD FROM x', /trigger/],
    ['HEALTHCHECK --every=1s CMD x', /unknown flag/],
    ['ENV A=${B:?gone}', /gone/],
  ];
  for (const [change, message] of wrong) test(`refused: ${change}`, () => expect(() => applyChanges({}, [change])).toThrow(message));
});

test('durations', () => {
  expect(parseDuration('1m30s')).toBe(90e9);
  expect(parseDuration('1.5s')).toBe(1.5e9);
  expect(() => parseDuration('5')).toThrow(/duration/);
});
