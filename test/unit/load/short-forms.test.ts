import { describe, expect, test } from 'bun:test';
import { parsePort } from '../../../src/load/canonical/short-port.ts';
import { cleanPath, parseVolume } from '../../../src/load/canonical/short-volume.ts';
import { splitCommand } from '../../../src/load/project/split-command.ts';
import { formatDuration, parseDuration, parseSize } from '../../../src/load/project/units.ts';
import { resolvePlainScalar } from '../../../src/load/yaml/resolve-scalar.ts';

describe('ports', () => {
  const show = (spec: string): unknown => {
    const { ports, error } = parsePort(spec);
    return (
      error ?? ports.map(({ host_ip: ip = '', published = '', target, protocol }) => `${ip}|${published}|${String(target)}/${protocol}`)
    );
  };
  test.each<[string, string[]]>([
    ['80', ['||80/tcp']],
    ['8080:80', ['|8080|80/tcp']],
    ['8080:80/udp', ['|8080|80/udp']],
    ['127.0.0.1:8080:80', ['127.0.0.1|8080|80/tcp']],
    ['127.0.0.1::80', ['127.0.0.1||80/tcp']],
    ['[::1]:8080:80', ['::1|8080|80/tcp']],
    ['8080-8081:80-81', ['|8080|80/tcp', '|8081|81/tcp']],
    ['8080-8090:80', ['|8080-8090|80/tcp']],
    ['9-10', ['||10/tcp', '||9/tcp']],
  ])('%s', (spec, expected) => {
    expect(show(spec)).toEqual(expected);
  });
  test.each([
    ['', 'no port specified: <empty>'],
    ['x', 'invalid container port: x'],
    ['70000', 'invalid container port: 70000'],
    ['80/icmp', 'invalid protocol: icmp'],
    ['x:80', 'invalid host port: x'],
    ['1.2.3:80:80', 'invalid IP address: 1.2.3'],
    ['::1:80:80', 'invalid IP address: ::1: write it in brackets, [::1]'],
    ['80-82:90-91', 'invalid ranges specified for container and host ports: 90-91 and 80-82'],
    ['82-80', 'invalid container port: 82-80: the range ends before it starts'],
  ])('%s is refused', (spec, message) => {
    expect(show(spec)).toBe(message);
  });
});

describe('volumes', () => {
  test.each([
    ['/data', { type: 'volume', target: '/data' }],
    ['data:/data', { type: 'volume', source: 'data', target: '/data' }],
    ['./a:/a:ro', { type: 'bind', source: './a', target: '/a', read_only: true }],
    ['~/a:/a:z,rslave', { type: 'bind', source: '~/a', target: '/a', selinux: 'z', propagation: 'rslave' }],
    ['data:/data:nocopy', { type: 'volume', source: 'data', target: '/data', nocopy: true }],
    ['${A:-./x}:/a', { type: 'volume', source: '${A:-./x}', target: '/a' }],
    ['c:\\a:/a', { type: 'bind', source: 'c:\\a', target: '/a' }],
  ] as const)('%s', (spec, expected) => {
    expect(parseVolume(spec).volume as unknown).toEqual(expected);
  });
  test.each(['', 'aa::b', 'aa:bb:ro:x'])('%j is refused', (spec) => {
    expect(parseVolume(spec).volume).toBeUndefined();
  });
  test('targets are cleaned', () => {
    expect(['/a/', '/a/../b', '/', ''].map(cleanPath)).toEqual(['/a', '/b', '/', '.']);
  });
});

describe('commands', () => {
  test.each<[string, string[]]>([
    ['', []],
    ['a  b', ['a', 'b']],
    [`a "b c" 'd e' f\\ g`, ['a', 'b c', 'd e', 'f g']],
    [`a"b"'c'`, ['abc']],
    ['""', ['']],
    ['a\nb', ['a', 'b']],
    ['echo $(date -u) `id`', ['echo', '$(date -u)', '`id`']],
  ])('%j', (line, words) => {
    expect(splitCommand(line)).toEqual({ words });
  });
  test('end at a shell operator', () => {
    expect(splitCommand('a b && c')).toEqual({ words: ['a', 'b'], cut: '&' });
    expect(splitCommand('a 2>b')).toEqual({ words: ['a'], cut: '>' });
  });
  test.each(["'a", '"a', 'a\\', '(a)', '$(a'])('%j is refused', (line) => {
    expect(splitCommand(line)).toBeUndefined();
  });
});

describe('units', () => {
  test.each([
    ['90s', '1m30s'],
    ['1h', '1h0m0s'],
    ['1d', '24h0m0s'],
    ['1.5s', '1.5s'],
    ['1500us', '1.5ms'],
    ['250ns', '250ns'],
    ['0', '0s'],
  ])('duration %s is %s', (text, expected) => {
    expect(formatDuration(parseDuration(text) ?? NaN)).toBe(expected);
  });
  test.each(['', '5', '5x', 's', '1 s', '2562048h'])('%j is no duration', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
  test.each<[string, number | undefined]>([
    ['10', 10],
    ['1k', 1024],
    ['1.5 GiB', 1610612736],
    ['2MB', 2097152],
    ['1x', undefined],
    ['-1', undefined],
    ['1e3', 1000],
    ['1.5e1k', 15360],
    ['999999999999g', undefined],
  ])('size %s', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });
});

test.each<[string, unknown]>([
  ['', null],
  ['~', null],
  ['Null', null],
  ['true', true],
  ['yes', 'yes'],
  ['10', 10],
  ['010', 8],
  ['0o10', 8],
  ['0x1F', 31],
  ['1_000', 1000],
  ['12345678901234567890', 12345678901234567890n],
  ['100000000000000000000000', 1e23],
  ['-1.5e3', -1500],
  ['.5', 0.5],
  ['.inf', Infinity],
  ['1.2.3', '1.2.3'],
  ['-', '-'],
  ['2024-01-01', '2024-01-01'],
])('the plain scalar %j', (text, expected) => {
  expect(resolvePlainScalar(text)).toEqual(expected as null);
});
