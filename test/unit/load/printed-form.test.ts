import { describe, expect, test } from 'bun:test';
import { loadModel } from '../../../src/load/load-project.ts';
import { composeHash } from '../../../src/load/output/compose-hash.ts';
import { formatJson } from '../../../src/load/output/format-json.ts';
import { formatYaml } from '../../../src/load/output/format-yaml.ts';
import { jsonForm, modelJsonForm, yamlForm } from '../../../src/load/output/printed-form.ts';
import { loadErrors, loadFiles, loadServices, withFiles } from '../../helpers/compose-files.ts';

const compact = (text: string): string => text.replaceAll(/\n\s*/g, '').replaceAll('": ', '":');

/** As Docker Compose 2.40.3 prints it. */
describe('the JSON of a project', () => {
  const file = `
name: shop
x-m: {list: [], "10": a, "9": b, deep: [[]]}
services:
  "10": {image: x, deploy: {placement: {constraints: [a]}, endpoint_mode: vip, restart_policy: {condition: any}}}
  "9":
    build: {context: /c}
    develop: {watch: [{path: /p, action: rebuild, ignore: [a]}]}
    blkio_config: {weight_device: [{path: /dev/a}], device_read_bps: [{path: /dev/a, rate: 0}]}
  a: {image: x, networks: ["2", "10"]}
networks: {"10": {internal: true}, "2": }
`;

  test('has keys in order, numbers among the names of services too, and empty lists of extensions as null', async () => {
    const { project } = await loadFiles(file);
    expect(compact(formatJson(jsonForm(project)))).toBe(
      [
        '{"name":"shop","networks":{"10":{"name":"shop_10","ipam":{},"internal":true},"2":{"name":"shop_2","ipam":{}},"default":{"name":"shop_default","ipam":{}}},',
        '"services":{"10":{"command":null,"deploy":{"resources":{},"restart_policy":{"condition":"any"},"placement":{"constraints":["a"]},"endpoint_mode":"vip"},',
        '"entrypoint":null,"image":"x","networks":{"default":null}},"9":{"build":{"context":"/c","dockerfile":"Dockerfile"},',
        '"develop":{"watch":[{"path":"/p","action":"rebuild","exec":{"command":null},"ignore":["a"]}]},"blkio_config":{"weight_device":[{"Path":"/dev/a","Weight":0}],',
        '"device_read_bps":[{"Path":"/dev/a","Rate":"0"}]},"command":null,"entrypoint":null,"networks":{"default":null}},',
        '"a":{"command":null,"entrypoint":null,"image":"x","networks":{"10":null,"2":null}}},"x-m":{"10":"a","9":"b","deep":[null],"list":null}}',
      ].join(''),
    );
  });

  test('in YAML names that are numbers come in the order of their values', async () => {
    const { project } = await loadFiles('services: {"10": {image: x}, a: {image: x}, "9": {image: x}, "-1": {image: x}}');
    expect([...formatYaml(yamlForm(project)).matchAll(/^ {2}(\S+):$/gm)].map((match) => match[1])).toEqual([
      '"-1"',
      '"9"',
      '"10"',
      'a',
      'default',
    ]);
  });

  test('without interpolation a list that nothing was put in is null, unless entries may be in it once only', async () => {
    const text = 'services: {a: {image: i, command: [], environment: [], dns: [], labels: [], build: {context: ., args: [UNSET]}}}';
    const form = async (normalized: boolean): Promise<unknown> => {
      const { model } = await withFiles({ 'compose.yaml': text }, (cwd) =>
        loadModel({ cwd, environment: {}, interpolate: false, normalize: normalized, resolvePaths: false }),
      );
      return (modelJsonForm(model, normalized) as { services: unknown }).services;
    };
    expect(await form(true)).toMatchObject({ a: { command: null, environment: null, dns: [], labels: [], build: { args: null } } });
    expect(await form(false)).toMatchObject({ a: { command: null, environment: [], dns: [], build: { args: ['UNSET'] } } });
  });
});

test("the hash of a service is Docker Compose's", async () => {
  const { project } = await loadFiles(
    `
name: shop
services:
  web:
    image: nginx:1
    command: ["sh", "-c", "a < b && c"]
    environment: {A: "1", B: }
    ports: ["8080:80"]
    volumes: ["data:/var/lib/data:ro"]
    deploy: {replicas: 2, resources: {limits: {cpus: "0.5", memory: 64m}}}
    healthcheck: {test: "true", interval: 90s}
    depends_on: [db]
    pull_policy: always
    labels: {"10": a, "9": b}
    env_file: [{path: /dev/null, required: false}]
  db:
    build: {dockerfile_inline: FROM x}
    profiles: []
    scale: 1
    x-note: 1
volumes: {data: }
`,
    { resolveEnvironment: false },
  );
  expect(composeHash(project, 'web')).toBe('3b0d8a95a376a9e164dc2a9800bad6b768b832763baeb3b00eb85aa0c091ccde');
  expect(composeHash(project, 'db')).toBe('8ed9276b9b43971f5e501d66147c519a039b4cf02cb7c2f3b6c3aa25e8d28823');
});

test.each<[string, unknown]>([
  ['configs: [{source: c, mode: 1}]', { configs: [{ mode: '01' }] }],
  ['configs: [{source: c, mode: 07777}]', { configs: [{ mode: '07777' }] }],
  ['extra_hosts: ["h=1,2", "h:[3]"]', { extra_hosts: ['h=1', 'h=2', 'h=3'] }],
  ['extra_hosts: {h: []}', { extra_hosts: [] }],
  ['ulimits: {nofile: "5"}', { ulimits: { nofile: 5 } }],
  [
    'deploy: {resources: {reservations: {generic_resources: [{discrete_resource_spec: {kind: g}}]}}}',
    { deploy: { resources: { reservations: { generic_resources: [{ discrete_resource_spec: { kind: 'g', value: 0 } }] } } } },
  ],
])('%s', async (line, expected) => {
  const services = await loadServices(`services: {a: {image: i, ${line}}}\nconfigs: {c: {content: x}}`);
  expect(services['a']).toMatchObject(expected as object);
});

test.each([
  ['pids_limit: 9223372036854775808', 'pids_limit: 9223372036854775808 is out of range'],
  ['cpu_shares: .inf', 'cpu_shares: +Inf is out of range'],
  ['mem_limit: 8192p', 'mem_limit: invalid size: "8192p"'],
  ['shm_size: 12345678901234567890', 'shm_size: invalid size: "12345678901234567890"'],
  ['deploy: {placement: {max_replicas_per_node: -1}}', 'deploy.placement.max_replicas_per_node: -1 is negative'],
  ['build: {context: ., ulimits: {nofile: "10"}}', 'build.ulimits.nofile: must be a number, not "10"'],
  ['extends: {service: b, file: [b.yaml]}', 'extends.file: must be a string, not a list'],
])('%s is refused', async (line, message) => {
  const errors = await loadErrors(`services: {a: {image: i, ${line}}, b: {image: i}}`);
  expect(errors).toHaveLength(1);
  expect(errors[0]).toContain(`services.a.${message}`);
});
