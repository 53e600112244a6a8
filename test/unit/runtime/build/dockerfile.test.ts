import { expect, test } from 'bun:test';
import { MydockerError } from '../../../../src/errors.ts';
import { checkInstructions } from '../../../../src/runtime/build/check-instructions.ts';
import { parseDockerfile } from '../../../../src/runtime/build/dockerfile-lines.ts';

const heredocs: readonly (readonly [first: string, names: readonly (readonly [name: string, expands: boolean])[], following: string])[] = [
  ['RUN <<EOF', [['EOF', true]], 'x\nEOF\n'],
  ['RUN cat 3<<EOF <&3', [['EOF', true]], 'x\nEOF\n'],
  ['RUN cat <<E"O"F', [['EOF', false]], 'x\nEOF\n'],
  [
    'RUN cat <<E-F <<1',
    [
      ['E-F', true],
      ['1', true],
    ],
    'x\nE-F\ny\n1\n',
  ],
  ['RUN cat <<$EOF', [['$EOF', true]], 'x\n$EOF\n'],
  ['RUN << EOF', [['EOF', true]], 'x\nEOF\n'],
  ['RUN echo $((1 << 2)) $((X<<2))', [], ''],
  ['RUN echo "<<EOF" \'<<EOF\'', [], ''],
  ['RUN ["sh", "-c", "cat <<EOF\\nx\\nEOF"]', [], ''],
  ['CMD cat <<EOF', [], ''],
];
test.each(heredocs.map((each) => [...each]))('heredocs of %s', (first, names, following) => {
  const [, instruction] = parseDockerfile(`FROM x\n${first}\n${following}`, 'Dockerfile');
  expect(instruction?.heredocs.map(({ name, expands }) => [name, expands])).toEqual(names.map((each) => [...each]));
});

const wrong: readonly (readonly [line: string, message: string])[] = [
  ['NOSUCH x', 'unknown instruction: NOSUCH'],
  ['COPY --nope=1 a b', 'unknown flag: --nope'],
  ['COPY --chown a b', 'missing a value on flag: --chown'],
  ['COPY --chown=1 --chown=2 a b', 'duplicate flag specified: --chown'],
  ['COPY --link=maybe a b', '--link=maybe: it is true or false'],
  ['COPY ["a" "b"]', 'no list of strings'],
  ['COPY a', 'requires at least two arguments'],
  ['ENV A', 'ENV must have two arguments'],
  ['ARG', 'ARG requires at least one argument'],
  ['ARG =x', 'ARG names can not be blank'],
  ['USER', 'USER needs an argument'],
  ['VOLUME []', 'VOLUME needs an argument'],
  ['MAINTAINER', 'MAINTAINER requires exactly one argument'],
  ['HEALTHCHECK FOO', 'HEALTHCHECK must be NONE or CMD'],
  ['SHELL foo', 'SHELL requires the arguments to be in JSON form'],
  ['ONBUILD FROM y', "FROM isn't allowed as an ONBUILD trigger"],
  ['FROM --nope=1 x', 'unknown flag: --nope'],
  ['RUN --network=nope true', '--network=nope: it is default, none or host'],
  ['RUN --security=nope true', '--security=nope: it is sandbox or insecure'],
  ['RUN --mount=type=nope true', 'unsupported mount type "nope"'],
  ['RUN --mount=type=cache,target=/c,nope=1 true', 'unexpected key "nope"'],
  ['RUN --mount=type=bind,uid=5 true', 'a mount of type bind has no uid'],
  ['RUN --mount=type=secret,id=x,mode=zz true', 'mode: "zz" is no mode'],
  ['RUN --mount=type=tmpfs,target=/x,size=abc true', 'size: "abc" is no size'],
  ['RUN --mount=type=cache,target=/x,sharing=nope true', 'sharing: "nope" is not shared'],
];
test.each(wrong.map((each) => [...each]))('%s is refused with its line before anything is built', (line, message) => {
  const check = (): void => {
    checkInstructions(parseDockerfile(`FROM busybox AS unused\n\n${line}\nFROM busybox\n`, 'Dockerfile'), 'Dockerfile');
  };
  expect(check).toThrow(MydockerError);
  expect(check).toThrow(message);
  expect(check).toThrow(expect.objectContaining({ position: { file: 'Dockerfile', line: 3, column: 1 } }));
});

test.each([
  'CMD',
  'ENTRYPOINT',
  'EXPOSE $PORT',
  'STOPSIGNAL ${S:?say}',
  'ENV A=${B:?say} C=$D',
  'COPY --link --chown=$U --exclude=a --exclude=b a b',
  "RUN --mount='type=tmpfs,target=/x y' --mount=TYPE=cache,Target=/c,uid=$U,sharing=locked true",
  'ADD --keep-git-dir=true --checksum=$S a b',
])('%s is fine', (line) => {
  expect(() => {
    checkInstructions(parseDockerfile(`FROM busybox\n${line}\n`, 'Dockerfile'), 'Dockerfile');
  }).not.toThrow();
});
