import { expect, test } from 'bun:test';
import { loadErrors, type Files } from '../../helpers/compose-files.ts';

const inService = (keys: string): string => `services:\n  web:\n    image: i\n    ${keys}\n`;

test.each<[string, string | Files, string[]]>([
  [
    'a misspelt key',
    inService('enviroment: {}'),
    ['invalid services.web: unknown key "enviroment" (compose.yaml:4:5) [did you mean environment?]'],
  ],
  ['a misspelt key at the top', 'sevices: {}', ['invalid unknown key "sevices" (compose.yaml:1:1) [did you mean services?]']],
  [
    'a misspelt key further in',
    inService('healthcheck: {intervall: 1s}'),
    ['invalid services.web.healthcheck: unknown key "intervall" (compose.yaml:4:19) [did you mean interval?]'],
  ],
  ['a wrong type', inService('hostname: [a]'), ['invalid services.web.hostname: must be a string, not a list (compose.yaml:4:15)']],
  [
    'a wrong entry of a list',
    inService('command: [a, 1]'),
    ['invalid services.web.command[1]: must be a string, not 1 (compose.yaml:4:18)'],
  ],
  [
    'a value that is not of the set',
    inService('cgroup: mine'),
    ['invalid services.web.cgroup: must be "host" or "private", not "mine" (compose.yaml:4:13)'],
  ],
  ['a missing property', inService('provider: {}'), ['invalid services.web.provider: missing property "type" (compose.yaml:4:15)']],
  [
    'entries that are equal',
    inService('security_opt: [a, a]'),
    ['invalid services.web.security_opt[1]: "a" is there twice: entries must be unique (compose.yaml:4:23)'],
  ],
  [
    'a bad service name',
    'services: {"a b": {image: i}}',
    ['invalid services: "a b" is not a valid name: use letters, digits, dots, hyphens and underscores (compose.yaml:1:12)'],
  ],
  ['not a boolean', inService('tty: "${T:-maybe}"'), ['invalid services.web.tty: "maybe" is not a boolean (compose.yaml:4:10)']],
  [
    'a required variable',
    inService('hostname: ${H:?say it}'),
    ['invalid services.web.hostname: required variable H is missing a value: say it (compose.yaml:4:15)'],
  ],
  [
    'a broken template',
    inService('hostname: "${"'),
    ['invalid services.web.hostname: invalid interpolation format: "${" (compose.yaml:4:15) [write $$ where a dollar sign is meant]'],
  ],
  ['a port', inService('ports: ["80", "x:80"]'), ['invalid services.web.ports[1]: invalid host port: x (compose.yaml:4:19)']],
  ['a size', inService('mem_limit: lots'), ['invalid services.web.mem_limit: invalid size: "lots" (compose.yaml:4:16)']],
  [
    'a duration',
    inService('stop_grace_period: 5 apples'),
    ['invalid services.web.stop_grace_period: "5 apples" is not a duration: write for example 1m30s (compose.yaml:4:24)'],
  ],
  [
    'a duration that came out empty',
    inService('stop_grace_period: "${GRACE:-}"'),
    ['invalid services.web.stop_grace_period: "" is not a duration: write for example 1m30s (compose.yaml:4:24)'],
  ],
  [
    'a size beyond 64 bits',
    inService('mem_limit: 999999999999g'),
    ['invalid services.web.mem_limit: invalid size: "999999999999g" (compose.yaml:4:16)'],
  ],
  ['a negative port', inService('ports: [{target: -1}]'), ['invalid services.web.ports[0].target: -1 is negative (compose.yaml:4:22)']],
  [
    'a host without a name',
    inService('extra_hosts: ["=1.1.1.1"]'),
    ['invalid services.web.extra_hosts: an additional host has no name: write NAME=1.1.1.1 (compose.yaml:4:18)'],
  ],
  [
    'a storage option that is no text',
    inService('storage_opt: {size: [1]}'),
    ['invalid services.web.storage_opt: size must be a string (compose.yaml:4:18)'],
  ],
  ['a scale without end', inService('scale: .inf'), ['invalid services.web.scale: +Inf is out of range (compose.yaml:4:12)']],
  [
    'an ordered map',
    'x-m: !!omap [a: 1]\nservices: {a: {image: i}}',
    ['invalid !!omap is not supported (compose.yaml:1:13) [write a list of mappings without the tag]'],
  ],
  [
    'neither image nor build',
    'services: {a: {}}',
    ['invalid services.a: service "a" has neither an image nor a build context specified (compose.yaml:1:15)'],
  ],
  [
    'an unknown network',
    `${inService('networks: [frnt]')}networks: {front: {}}`,
    ['invalid services.web.networks.frnt: service "web" refers to undefined network frnt (compose.yaml:4:16) [did you mean front?]'],
  ],
  [
    'an unknown volume',
    inService('volumes: ["/a", "data:/d"]'),
    ['invalid services.web.volumes[1]: service "web" refers to undefined volume data (compose.yaml:4:21)'],
  ],
  [
    'an unknown dependency',
    inService('depends_on: [db]'),
    ['invalid services.web.depends_on.db: service "web" depends on undefined service "db" (compose.yaml:4:18)'],
  ],
  [
    'a cycle',
    'services: {a: {image: i, depends_on: [b]}, b: {image: i, links: [a]}}',
    ['invalid services.a.depends_on: dependency cycle detected: a -> b -> a (compose.yaml:1:38)'],
  ],
  [
    'two mounts at one place',
    inService('tmpfs: [/a, /a:x]\n    volumes: ["./b:/a"]'),
    [
      'invalid services.web.tmpfs[1]: target /a already mounted as tmpfs[0] (compose.yaml:4:17)',
      'invalid services.web.volumes[0]: target /a already mounted as tmpfs[0] (compose.yaml:5:15)',
    ],
  ],
  [
    'a merge of two kinds',
    { 'compose.yaml': inService('security_opt: [a]'), 'compose.override.yaml': 'services: {web: {security_opt: {}}}' },
    [
      'invalid services.web.security_opt: cannot override a list with a mapping (compose.override.yaml:1:32) [use !reset or !override to replace it]',
    ],
  ],
  [
    'an extends cycle',
    'services: {a: {extends: b}, b: {extends: a}}',
    [
      'invalid services.a.extends: circular reference: a in compose.yaml extends b in compose.yaml extends a in compose.yaml (compose.yaml:1:25)',
    ],
  ],
  [
    'an include cycle',
    { 'compose.yaml': 'include: [a.yaml]', 'a.yaml': 'include: [compose.yaml]' },
    ['invalid include[0]: include cycle detected: compose.yaml includes a.yaml includes compose.yaml (a.yaml:1:11)'],
  ],
  [
    'an include that conflicts',
    { 'compose.yaml': 'include: [a.yaml]\nservices: {a: {image: i}}', 'a.yaml': 'services: {a: {image: j}}' },
    ['invalid services.a: conflicts with imported resource (compose.yaml:2:15) [it is also defined at a.yaml:1:15]'],
  ],
  [
    'a remote file',
    'include: ["oci://registry/app"]',
    ['unsupported include[0]: remote files are not fetched here: oci://registry/app (compose.yaml:1:11)'],
  ],
  [
    'a duplicate key',
    'services:\n  a: {image: i}\n  a: {image: j}',
    ["invalid the key 'a' is already defined at line 2 (compose.yaml:3:3)"],
  ],
  [
    'a key that is no string',
    'services: {a: {image: i, labels: {1: x}}}',
    ['invalid the key 1 is not a string (compose.yaml:1:35) [write it in quotes: "1"]'],
  ],
  ['a tab', 'services:\n\ta: {}', ['invalid not valid YAML: tabs are not allowed as indentation (compose.yaml:2:1)']],
  ['an unknown anchor', 'services: *x', ["invalid unknown anchor 'x' (compose.yaml:1:11)"]],
  ['no mapping', '- a', ['invalid the top level of a compose file must be a mapping (compose.yaml:1:1)']],
  ['an empty file', '', ['invalid empty compose file']],
  [
    'no file',
    { other: '' },
    ['not-found no configuration file provided: not found [create compose.yaml here or in a parent directory, or name one with -f]'],
  ],
])('%s', async (_name, files, expected) => {
  expect(await loadErrors(files)).toEqual(expected);
});

test('all problems come at once, in order of position', async () => {
  const file = 'services:\n  b: {imag: i, tty: "no way"}\n  a: {image: "${X:?}", ports: {}}\n';
  expect(await loadErrors(file)).toEqual([
    'invalid services.b: unknown key "imag" (compose.yaml:2:7) [did you mean image?]',
    'invalid services.b.tty: "no way" is not a boolean (compose.yaml:2:21)',
    'invalid services.a.image: required variable X is missing a value (compose.yaml:3:14)',
    'invalid services.a.ports: must be a list, not a mapping (compose.yaml:3:31)',
  ]);
});

test('a service that is not there is named with the nearest one', async () => {
  expect(await loadErrors('services: {web: {image: i}}', { services: ['wbe'] })).toEqual([
    'not-found no such service: wbe [did you mean web?]',
  ]);
});

test('policies, times and log options are checked for the runtime', async () => {
  const file = inService(
    'deploy: {restart_policy: {max_attempts: 2}}\n    healthcheck: {test: a, interval: 10us}\n    logging: {options: {max-sizes: 1m}}\n    environment: ["=x"]',
  );
  expect(await loadErrors(file, { forRuntime: true })).toEqual([
    'invalid services.web.deploy.restart_policy.max_attempts: invalid restart policy: maximum retry count can only be used with condition on-failure (compose.yaml:4:45)',
    'invalid services.web.healthcheck.interval: 10µs is too short: it cannot be less than 1ms (compose.yaml:5:38)',
    'invalid services.web.logging.options.max-sizes: unknown log option "max-sizes" for the driver json-file (compose.yaml:6:36) [did you mean max-size?]',
    'invalid services.web.environment: invalid environment variable: =x (compose.yaml:7:18)',
  ]);
});

test('a value without a name in an env file is refused for the runtime, with its line', async () => {
  const files = { 'compose.yaml': inService('env_file: e.env'), 'e.env': 'A=1\n=z\n' };
  expect(await loadErrors(files)).toEqual([]);
  expect(await loadErrors(files, { forRuntime: true })).toEqual([
    expect.stringContaining('e.env: line 2: a value without a name: "z" (e.env:2:1) [write NAME=VALUE'),
  ]);
});

test('logs are compressed only where there are several files', async () => {
  const file = (options: string): string => inService(`logging: {options: {${options}}}`);
  const refused = [expect.stringContaining('services.web.logging.options.compress: only files that are full can be compressed')];
  expect(await loadErrors(file('compress: "true"'), { forRuntime: true })).toEqual(refused);
  expect(await loadErrors(file('compress: "true", max-size: 1m'), { forRuntime: true })).toEqual(refused);
  expect(await loadErrors(file('compress: "true", max-size: 1m, max-file: "2"'), { forRuntime: true })).toEqual([]);
});

test('what no container can be made from is only refused for the runtime', async () => {
  const file = inService(
    'restart: sometimes\n    cpus: -1\n    volumes: [{type: volume, target: rel}]\n    stop_signal: SIGNOPE\n    cap_add: [NET_ADMN]',
  );
  expect(await loadErrors(file)).toEqual([]);
  expect(await loadErrors(file, { forRuntime: true })).toEqual([
    'invalid services.web.restart: invalid restart policy "sometimes" (compose.yaml:4:14) [use no, always, on-failure, on-failure:N or unless-stopped]',
    'invalid services.web.cpus: -1 is out of range: it must be at least 0 (compose.yaml:5:11)',
    'invalid services.web.volumes[0]: invalid mount path "rel": it must be absolute (compose.yaml:6:15)',
    'invalid services.web.stop_signal: unknown signal "SIGNOPE" (compose.yaml:7:18) [use for example SIGTERM or 15]',
    'invalid services.web.cap_add[0]: unknown capability "NET_ADMN" (compose.yaml:8:15) [did you mean NET_ADMIN?]',
  ]);
});

test('what belongs to the network of another service is refused for the runtime', async () => {
  const keys = 'ports: ["80"], hostname: h, dns: [1.1.1.1], extra_hosts: [a=1.1.1.1], expose: [80], links: [b]';
  const file = (mode: string): string => `services: {a: {image: i, network_mode: "${mode}", ${keys}}, b: {image: i}}`;
  expect(await loadErrors(file('service:b'))).toEqual([]);
  const errors = await loadErrors(file('service:b'), { forRuntime: true });
  expect(errors.map((error) => /services\.a\.(\w+): conflicting options/.exec(error)?.[1])).toEqual([
    'ports',
    'hostname',
    'dns',
    'extra_hosts',
    'expose',
    'links',
  ]);
  expect(errors[0]).toContain('[set `ports` where the network is made: service b]');
  expect(await loadErrors(file('host'), { forRuntime: true })).toEqual([expect.stringContaining('services.a.links: conflicting options')]);
});

test('subnets and IPAM drivers that no network can have are refused for the runtime', async () => {
  const file = (ipam: string): string => `services: {a: {image: i, networks: [n]}}\nnetworks: {n: {ipam: ${ipam}}}`;
  const errors = (ipam: string): Promise<string[]> => loadErrors(file(ipam), { forRuntime: true });
  expect(await errors('{config: [{subnet: 10.9.0.5/24}]}')).toEqual([
    'invalid networks.n.ipam.config[0].subnet: invalid subnet 10.9.0.5/24: it should be 10.9.0.0/24 (compose.yaml:2:41)',
  ]);
  expect(await errors('{config: [{subnet: "fd00:1::/64", ip_range: "fd00:1::/80"}]}')).toEqual([]);
  expect(await errors('{driver: nope}')).toEqual([
    'invalid networks.n.ipam.driver: IPAM driver "nope" is not supported (compose.yaml:2:31) [take `driver` away, or use default]',
  ]);
});

test('networks that could not be made are refused for the runtime', async () => {
  const errors = (network: string): Promise<string[]> =>
    loadErrors(`services: {a: {image: i, networks: [n]}}\nnetworks: {n: ${network}}`, { forRuntime: true });
  expect(await errors('{driver_opts: {com.docker.network.driver.mtu: abc, com.example: x}}')).toEqual([
    'invalid networks.n.driver_opts.com.docker.network.driver.mtu: "abc" is not between 68 and 65535 (compose.yaml:2:61)',
  ]);
  expect(await errors('{driver_opts: {com.docker.network.bridge.name: a-name-that-is-long}}')).toEqual([
    expect.stringContaining('at most 15'),
  ]);
  expect(await errors('{driver: macvlan}')).toEqual([
    expect.stringContaining('networks.n.driver: network driver "macvlan" is not supported'),
  ]);
  expect(await errors('{enable_ipv4: false}')).toEqual([expect.stringContaining('networks.n.enable_ipv4: IPv4 or IPv6 must be enabled')]);
  const pool = 'subnet: 10.9.1.0/24, gateway: 10.8.0.1, ip_range: 10.9.0.0/16, aux_addresses: {x: 10.8.0.2, y: 10.9.1.9}';
  expect(
    (await errors(`{ipam: {config: [{${pool}}]}}`)).map((text) => text.replace(/^invalid networks\.n\.ipam\.config\[0]\./, '')),
  ).toEqual([
    'gateway: gateway 10.8.0.1 is not in subnet 10.9.1.0/24 (compose.yaml:2:63)',
    'ip_range: ip_range 10.9.0.0/16 is not within subnet 10.9.1.0/24 (compose.yaml:2:83)',
    'aux_addresses.x: 10.8.0.2 is not an address in subnet 10.9.1.0/24 (compose.yaml:2:115)',
  ]);
  const same = 'config: [{subnet: 10.9.2.0/24}, {subnet: 10.9.2.0/25}]';
  expect(await errors(`{ipam: {${same}}}`)).toEqual([
    expect.stringContaining('networks.n.ipam.config[1].subnet: subnet 10.9.2.0/25 overlaps with 10.9.2.0/24 of network n (compose.yaml:2:'),
  ]);
  expect(await loadErrors('services: {a: {image: i, stop_grace_period: -5s}}', { forRuntime: true })).toEqual([
    'invalid services.a.stop_grace_period: -5s is no duration (compose.yaml:1:45) [write for example 10s]',
  ]);
  expect(await errors('{external: true, driver: macvlan}')).not.toContainEqual(expect.stringContaining('not supported'));
});

test('a file that is no text is refused with its first such line', async () => {
  const latin1 = Buffer.from('services:\n  a:\n    image: i\n    command: caf\xe9\n', 'latin1');
  expect(await loadErrors({ 'compose.yaml': latin1 })).toEqual(['invalid not UTF-8 text (compose.yaml:4:1) [save the file as UTF-8]']);
  expect(await loadErrors('services: {a: {image: i, command: "\uFFFD"}}')).toEqual([]);
});

test('mounts, configs and secrets that no container could be given are refused for the runtime', async () => {
  const file = `services:
  web:
    image: i
    volumes: [{type: bind, source: ., target: /a, bind: {propagation: odd}}, {type: tmpfs, source: x, target: /b}, named:/c]
    configs: [cluster, templated]
    secrets: [token]
    healthcheck: {test: x, start_interval: 1s}
volumes: {named: {name: ''}}
configs: {cluster: {external: true}, templated: {content: x, template_driver: golang}}
secrets: {token: {environment: NO_SUCH_VARIABLE}}
`;
  expect(await loadErrors(file)).toEqual([]);
  expect(await loadErrors(file, { forRuntime: true })).toEqual([
    'invalid services.web.volumes[0]: invalid propagation mode: odd (compose.yaml:4:15) [use one of private, rprivate, shared, rshared, slave, rslave]',
    'invalid services.web.volumes[1]: a tmpfs has no source, but "x" is given (compose.yaml:4:78) [take `source` away, or mean `type: volume`]',
    'invalid services.web.configs[0]: config cluster is external: only a cluster has external configs (compose.yaml:5:15) [use `file`, or `environment`]',
    'invalid services.web.configs[1]: configs.templated.template_driver is not supported (compose.yaml:5:24) [take `template_driver` away]',
    'invalid services.web.secrets[0]: environment variable "NO_SUCH_VARIABLE" required by secret "token" is not set (compose.yaml:6:15) [set NO_SUCH_VARIABLE]',
    'invalid services.web.healthcheck.start_interval: healthcheck.start_interval requires healthcheck.start_period to be set (compose.yaml:7:44)',
    'invalid volumes.named.name: the name is empty (compose.yaml:8:25) [leave `name` away, or write one]',
  ]);
});
