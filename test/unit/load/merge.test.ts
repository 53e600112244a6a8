import { describe, expect, test } from 'bun:test';
import { loadServices } from '../../helpers/compose-files.ts';

const TOP = `
networks: {x: {}, y: {}}
configs: {c: {content: c}}
secrets: {s: {file: ./s}}
volumes: {data: {}}
`;

/** The service of a file merged with an override, the keys of `base` and `override` being those of one service. */
async function merged(base: string, override: string): Promise<Record<string, unknown>> {
  const file = (keys: string): string => `services:\n  a:\n${keys.replaceAll(/^/gm, '    ')}\n`;
  const files = { 'one.yaml': `${file(`image: i\n${base}`)}  b: {image: b}\n  c: {image: c}\n${TOP}`, 'two.yaml': file(override) };
  const services = await loadServices(files, { files: ['one.yaml', 'two.yaml'] });
  const { image: _image, networks, ...rest } = services['a'] ?? {};
  return JSON.stringify(networks) === '{"default":null}' ? rest : { ...rest, networks };
}

describe('each attribute merges by its rule', () => {
  test.each<[string, string, string, Record<string, unknown>]>([
    ['scalars are replaced', 'hostname: a', 'hostname: b', { hostname: 'b' }],
    ['nothing changes nothing', 'hostname: a\nsecurity_opt: [x]', 'hostname:\nsecurity_opt:', { hostname: 'a', security_opt: ['x'] }],
    ['environment, both syntaxes', 'environment: {A: 1, B: 2}', 'environment: [A=3, C=4]', { environment: { A: '3', B: '2', C: '4' } }],
    ['labels', 'labels: [a=1]', 'labels: {a: 2, b:}', { labels: { a: '2', b: '' } }],
    ['command is replaced', 'command: a b', 'command: [c]', { command: ['c'] }],
    ['entrypoint is replaced', 'entrypoint: a b', 'entrypoint: []', { entrypoint: [] }],
    [
      'a health test is replaced, its settings merge',
      'healthcheck: {test: a, retries: 1}',
      'healthcheck: {test: [CMD, b], interval: 1s}',
      { healthcheck: { test: ['CMD', 'b'], interval: '1s', retries: 1 } },
    ],
    ['ports are appended, equal ones once', 'ports: ["80:80"]', 'ports: ["80:80", "81:81"]', { ports: [port('80'), port('81')] }],
    [
      'volumes by target',
      'volumes: ["./a:/a", "data:/v"]',
      'volumes: ["./b:/a:ro"]',
      {
        volumes: [
          { type: 'bind', source: 'DIR/b', target: '/a', read_only: true, bind: { create_host_path: true } },
          { type: 'volume', source: 'data', target: '/v', volume: {} },
        ],
      },
    ],
    [
      'depends_on, both syntaxes',
      'depends_on: [b]',
      'depends_on: {b: {condition: service_healthy}, c: {condition: service_started}}',
      { depends_on: { b: { condition: 'service_healthy', required: true }, c: { condition: 'service_started', required: true } } },
    ],
    ['networks, both syntaxes', 'networks: [x]', 'networks: {x: {aliases: [q]}, y: }', { networks: { x: { aliases: ['q'] }, y: null } }],
    [
      'aliases are united',
      'networks: {x: {aliases: [a, b]}}',
      'networks: {x: {aliases: [b, c]}}',
      { networks: { x: { aliases: ['a', 'b', 'c'] } } },
    ],
    ['dns', 'dns: 1.1.1.1', 'dns: [2.2.2.2, 1.1.1.1]', { dns: ['1.1.1.1', '2.2.2.2'] }],
    [
      'logging of one driver',
      'logging: {driver: d, options: {a: 1}}',
      'logging: {options: {b: 2}}',
      { logging: { driver: 'd', options: { a: '1', b: '2' } } },
    ],
    ['logging of two drivers', 'logging: {driver: d, options: {a: 1}}', 'logging: {driver: e}', { logging: { driver: 'e' } }],
    [
      'ulimits are replaced by name',
      'ulimits: {nofile: 5, core: 1}',
      'ulimits: {nofile: {soft: 1, hard: 2}}',
      { ulimits: { core: 1, nofile: { soft: 1, hard: 2 } } },
    ],
    [
      'a build path and a build mapping',
      'build: ./x',
      'build: {target: t}',
      { build: { context: 'DIR/x', dockerfile: 'Dockerfile', target: 't' } },
    ],
    [
      'build arguments',
      'build: {context: ., args: {A: 1, B: 2}}',
      'build: {args: [A=3]}',
      { build: { context: 'DIR', dockerfile: 'Dockerfile', args: { A: '3', B: '2' } } },
    ],
    [
      'extra_hosts, equal ones once',
      'extra_hosts: ["a=1.1.1.1"]',
      'extra_hosts: {a: 1.1.1.1, b: 2.2.2.2}',
      { extra_hosts: ['a=1.1.1.1', 'b=2.2.2.2'] },
    ],
    ['devices by target', 'devices: ["/a:/d"]', 'devices: ["/b:/d"]', { devices: [{ source: '/b', target: '/d', permissions: 'rwm' }] }],
    [
      'configs by target',
      'configs: [c]',
      'configs: [{source: c, target: /x}]',
      { configs: [{ source: 'c' }, { source: 'c', target: '/x' }] },
    ],
    ['lists without a rule are appended', 'security_opt: [a]', 'security_opt: [b]', { security_opt: ['a', 'b'] }],
    [
      'deploy',
      'deploy: {replicas: 1, labels: {a: 1}}',
      'deploy: {replicas: 2, labels: [b=2]}',
      { deploy: { replicas: 2, labels: { a: '1', b: '2' } } },
    ],
    ['extensions', 'x-a: {b: 1}', 'x-a: {c: 2}', { 'x-a': { b: 1, c: 2 } }],
  ])('%s', async (_name, base, override, expected) => {
    expect(await merged(base, override)).toEqual(expected);
  });
});

describe('tags', () => {
  test.each<[string, string, string, Record<string, unknown>]>([
    ['!reset removes', 'ports: ["80:80"]\nhostname: h', 'ports: !reset []', { hostname: 'h' }],
    ['!reset removes one key', 'environment: {A: 1, B: 2}', 'environment: {A: !reset null}', { environment: { B: '2' } }],
    ['!override replaces', 'ports: ["80:80"]', 'ports: !override ["81:81"]', { ports: [port('81')] }],
    ['!override replaces a mapping', 'labels: {a: 1}', 'labels: !override {b: 2}', { labels: { b: '2' } }],
  ])('%s', async (_name, base, override, expected) => {
    expect(await merged(base, override)).toEqual(expected);
  });
});

function port(number: string): unknown {
  return { mode: 'ingress', target: Number(number), published: number, protocol: 'tcp' };
}
