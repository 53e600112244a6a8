import { describe, expect, test } from 'bun:test';
import { loadModel, loadProject } from '../../../src/load/load-project.ts';
import { loadErrors, loadFiles, loadServices, withFiles } from '../../helpers/compose-files.ts';

const names = async (...args: Parameters<typeof loadFiles>): Promise<string[]> => Object.keys((await loadFiles(...args)).project.services);

describe('which files are read', () => {
  test('the default file of a parent directory, with its override', async () => {
    const files = { 'compose.yaml': 'services: {a: {image: i}}', 'compose.override.yaml': 'services: {a: {hostname: h}}', 'sub/x': '' };
    const services = await withFiles(
      files,
      async (directory) => (await loadProject({ cwd: `${directory}/sub`, environment: {} })).project.services,
    );
    expect(services['a']).toMatchObject({ image: 'i', hostname: 'h' });
  });

  test('-f before COMPOSE_FILE before the default', async () => {
    const files = {
      'compose.yaml': 'services: {c: {image: i}}',
      'a.yaml': 'services: {a: {image: i}}',
      'b.yaml': 'services: {b: {image: i}}',
    };
    const environment = { COMPOSE_FILE: 'a.yaml,b.yaml', COMPOSE_PATH_SEPARATOR: ',' };
    expect(await names(files, { environment })).toEqual(['a', 'b']);
    expect(await names(files, { environment, files: ['b.yaml'] })).toEqual(['b']);
    expect(await names(files)).toEqual(['c']);
  });
});

describe('the name of the project', () => {
  const name = async (text: string, options: Parameters<typeof loadFiles>[1] = {}): Promise<string> =>
    (await loadFiles(text, options)).project.name;
  test('-p, COMPOSE_PROJECT_NAME, name:, the directory', async () => {
    const text = 'name: In_File!\nservices: {a: {image: i}}';
    const environment = { COMPOSE_PROJECT_NAME: 'env' };
    expect(await name(text, { environment, projectName: 'flag' })).toBe('flag');
    expect(await name(text, { environment })).toBe('env');
    expect(await name(text)).toBe('in_file');
    expect(await name('services: {a: {image: i}}')).toBe('p');
  });
  test('one that comes out empty is refused, unless another is given', async () => {
    const text = 'name: ${APP}\nservices: {a: {image: i}}';
    expect(await loadErrors(text)).toEqual([
      'invalid name: project name must not be empty: "${APP}" has no value (compose.yaml:1:7) [set the variable, give it a default (${NAME:-app}), or name the project with -p]',
    ]);
    expect(await name(text, { projectName: 'flag' })).toBe('flag');
  });
  test('a bad one is refused', async () => {
    expect(await loadErrors('services: {a: {image: i}}', { projectName: 'Bad.Name' })).toEqual([
      'invalid invalid project name "Bad.Name" [use lower-case letters, digits, hyphens and underscores, and start with a letter or a digit]',
    ]);
  });
});

test('without interpolation, names without a value stay names', async () => {
  const text = 'services: {a: {image: i, environment: [A, B=1], build: {context: ., args: [A, C=2]}}}';
  const { model } = await withFiles({ 'compose.yaml': text }, (cwd) => loadModel({ cwd, environment: { A: 'x' }, interpolate: false }));
  expect(model['services']).toMatchObject({ a: { environment: ['A', 'B=1'], build: { args: ['C=2'] } } });
});

test('the mode of a config is octal also when it comes from a variable', async () => {
  const text = 'services: {a: {image: i, configs: [{source: c, mode: "${M:-0440}"}]}}\nconfigs: {c: {content: x}}';
  expect((await loadServices(text))['a']?.['configs']).toMatchObject([{ mode: '0440' }]);
});

describe('variables', () => {
  const files = {
    'compose.yaml': 'services: {a: {image: "$A-$B-$C", environment: [A, D]}}',
    '.env': 'A=dot\nB=dot\nC=dot',
    'one.env': 'A=one\nB=one',
    'two.env': 'B=two\nC=$B',
  };
  const image = async (options: Parameters<typeof loadFiles>[1]): Promise<unknown> => (await loadServices(files, options))['a']?.['image'];
  test('the process before env files, later env files before earlier ones', async () => {
    expect(await image({})).toBe('dot-dot-dot');
    expect(await image({ environment: { A: 'os' } })).toBe('os-dot-dot');
    expect(await image({ envFiles: ['one.env', 'two.env'] })).toBe('one-two-two');
    expect(await image({ environment: { COMPOSE_DISABLE_ENV_FILE: '1' } })).toBe('--');
  });
  test('one that is not set is warned of once', async () => {
    const { warnings } = await loadFiles('services: {a: {image: "i$X$X", hostname: "${X}"}}');
    expect(warnings.map(({ message }) => message)).toEqual(['The "X" variable is not set. Defaulting to a blank string.']);
  });
});

test('env_file: later files win, environment wins over them, names without a value come from outside', async () => {
  const files = {
    'compose.yaml':
      'services: {a: {image: i, env_file: [a.env, {path: b.env}, {path: no.env, required: false}], environment: {C: own, D: }}}',
    'a.env': 'A=1\nB=1\nC=1\nD=1',
    'b.env': 'B=2\nE=${A}${C}',
  };
  const services = await loadServices(files, { environment: { D: 'os' } });
  expect(services['a']?.['environment']).toEqual({ A: '1', B: '2', C: 'own', D: 'os', E: '1own' });
});

describe('extends', () => {
  test('chains through files, with paths relative to the file they are in', async () => {
    const files = {
      'compose.yaml': 'services: {a: {extends: {file: sub/x.yaml, service: b}, environment: {A: 1}}}',
      'sub/x.yaml': 'services: {b: {extends: {file: deep/y.yaml, service: c}, volumes: ["./v:/v"]}}',
      'sub/deep/y.yaml': 'services: {c: {image: i, build: ., environment: {A: 0, B: 2}}}',
    };
    const { a } = await loadServices(files);
    expect(a).toMatchObject({
      image: 'i',
      build: { context: 'DIR/sub/deep' },
      environment: { A: '1', B: '2' },
      volumes: [{ source: 'DIR/sub/v' }],
    });
  });
  test('!reset removes what comes from the base', async () => {
    const { a } = await loadServices('services: {b: {image: i, ports: ["80:80"]}, a: {extends: b, ports: !reset []}}');
    expect(a).not.toHaveProperty('ports');
  });
});

describe('include', () => {
  test('has its own directory and .env; an override may change what is included', async () => {
    const files = {
      'compose.yaml': 'include: [sub/x.yaml]\nservices: {a: {image: "$X", depends_on: [b]}}',
      'compose.override.yaml': 'services: {b: {hostname: h}}',
      '.env': 'X=main',
      'sub/x.yaml': 'services: {b: {image: "$X-$Y", build: .}}',
      'sub/.env': 'X=sub\nY=sub',
    };
    const { a, b } = await loadServices(files);
    expect(a).toMatchObject({ image: 'main' });
    expect(b).toMatchObject({ image: 'main-sub', hostname: 'h', build: { context: 'DIR/sub' } });
  });
  test('the same file twice is no conflict', async () => {
    const files = {
      'compose.yaml': 'include: [x.yaml, y.yaml]',
      'x.yaml': 'include: [z.yaml]',
      'y.yaml': 'include: [z.yaml]',
      'z.yaml': 'services: {z: {image: i}}',
    };
    expect(await names(files)).toEqual(['z']);
  });
});

describe('profiles', () => {
  const text = 'services: {a: {image: i}, d: {image: i, profiles: [dev], depends_on: [a]}, t: {image: i, profiles: [test]}}';
  test.each<[string, Parameters<typeof loadFiles>[1], string[]]>([
    ['none', {}, ['a']],
    ['a flag', { profiles: ['dev'] }, ['a', 'd']],
    ['all', { profiles: ['*'] }, ['a', 'd', 't']],
    ['the environment', { environment: { COMPOSE_PROFILES: 'dev, test' } }, ['a', 'd', 't']],
    ['a flag before the environment', { environment: { COMPOSE_PROFILES: 'dev' }, profiles: ['test'] }, ['a', 't']],
    ['a named service', { services: ['t'] }, ['t']],
    ['a named service and its dependencies', { services: ['d'] }, ['a', 'd']],
  ])('%s', async (_name, options, expected) => {
    expect(await names(text, options)).toEqual(expected);
  });
  test('what only switched-off services use is left out', async () => {
    const { project, disabledServices } = await loadFiles(
      'services: {a: {image: i}, b: {image: i, profiles: [p], volumes: ["v:/v"]}}\nvolumes: {v: }',
    );
    expect(project).not.toHaveProperty('volumes');
    expect(Object.keys(disabledServices)).toEqual(['b']);
  });
});

test('implied: the default network, dependencies, names', async () => {
  const { project } = await loadFiles(
    'services: {a: {image: i, links: ["b:x"], volumes_from: [c], ipc: "service:b"}, b: {image: i}, c: {image: i, network_mode: none}}\nnetworks: {default: {internal: true}}',
  );
  expect(project.services['a']?.depends_on).toEqual({
    b: { condition: 'service_started', restart: true, required: true },
    c: { condition: 'service_started', required: true },
  });
  expect(project.services['a']?.networks).toEqual({ default: null });
  expect(project.services['c']).not.toHaveProperty('networks');
  expect(project.networks).toEqual({ default: { name: 'p_default', internal: true } });
});

test('the value of a secret is the one that the file which defines it sees', async () => {
  const files = {
    'compose.yaml': 'include: [sub/x.yaml]\nservices: {a: {image: i}}',
    'sub/x.yaml': 'services: {b: {image: i, secrets: [s]}}\nsecrets: {s: {environment: TOKEN}}',
    'sub/.env': 'TOKEN=inner',
  };
  expect((await loadFiles(files)).variableContents.get('secrets/s')).toBe('inner');
});

test('locate tells where a value is written, or its nearest ancestor', async () => {
  const { locate } = await loadFiles('services:\n  a:\n    image: i\n    ports: ["80:80"]\n');
  expect(locate(['services', 'a', 'image'])).toEqual({ file: 'compose.yaml', line: 3, column: 12 });
  expect(locate(['services', 'a', 'ports', 0, 'target'])).toEqual({ file: 'compose.yaml', line: 4, column: 13 });
  expect(locate(['networks', 'default'])).toBeUndefined();
});

describe('read as Docker Compose reads it', () => {
  test('a label file sees the labels of the files before it', async () => {
    const files = { 'compose.yaml': 'services: {a: {image: i, label_file: [a.env, b.env]}}', 'a.env': 'A=1', 'b.env': 'A=2\nB=$A' };
    expect((await loadServices(files))['a']?.['labels']).toEqual({ A: '2', B: '1' });
  });

  test('a bare name in a raw env file has the value of the process', async () => {
    const files = { 'compose.yaml': 'services: {a: {image: i, env_file: [{path: e.env, format: raw}]}}', 'e.env': 'A\r\nB\r\nC=$A\r\n' };
    expect((await loadServices(files, { environment: { A: '1' } }))['a']?.['environment']).toEqual({ A: '1', C: '$A' });
  });

  test('lines of a quoted value end as they do in the file', async () => {
    const files = { 'compose.yaml': 'services: {a: {image: i, env_file: e.env}}', 'e.env': 'A="x\r\ny"\r\nB=1\r\n' };
    expect((await loadServices(files))['a']?.['environment']).toEqual({ A: 'x\r\ny', B: '1' });
  });

  test('a line without a name in a raw env file', async () => {
    const files = { 'compose.yaml': 'services: {a: {image: i, env_file: [{path: e.env, format: raw}]}}', 'e.env': 'A=1\n=b' };
    expect((await loadErrors(files)).join()).toContain("no variable name on line '=b' (e.env:2:1)");
  });

  test('an empty document before others', async () => {
    expect(await loadErrors('---\n---\nservices: {a: {image: i}}')).toHaveLength(1);
  });

  test('a file that defines what it includes in the same words', async () => {
    const secret = 'secrets: {s: {file: ./s}}';
    const files = { 'compose.yaml': `include: [i.yaml]\nservices: {a: {image: i, secrets: [s]}}\n${secret}`, 'i.yaml': secret };
    expect(await names(files)).toEqual(['a']);
  });

  test('project_directory of an include that is no directory stands for the one it is in', async () => {
    const files = { 'compose.yaml': 'include: [{path: i.yaml, project_directory: i.yaml}]', 'i.yaml': 'services: {a: {build: ./c}}' };
    expect((await loadServices(files))['a']?.['build']).toMatchObject({ context: 'DIR/c' });
  });

  test('a name of which nothing is left', async () => {
    expect((await loadErrors('name: é\nservices: {a: {image: i}}')).join()).toContain('project name must not be empty');
  });

  test('an include whose env_file is no list of texts', async () => {
    const files = { 'compose.yaml': 'include: [{path: i.yaml, env_file: [[a.env]]}]', 'i.yaml': 'services: {a: {image: i}}' };
    expect(await loadErrors(files)).toEqual(['invalid include[0].env_file: must be a string or a list of strings (compose.yaml:1:11)']);
  });

  test('include without entries', async () => {
    expect(await names('include:\nservices: {a: {image: i}}')).toEqual(['a']);
  });

  test('--project-directory that is a file', async () => {
    expect((await loadErrors('services: {a: {image: i}}', { projectDirectory: 'compose.yaml' })).join()).toContain(
      'compose.yaml is a file, not a directory',
    );
  });

  test('a word for COMPOSE_DISABLE_ENV_FILE that is no boolean', async () => {
    const environment = { COMPOSE_DISABLE_ENV_FILE: 'yes' };
    expect((await loadErrors('services: {a: {image: i}}', { environment })).join()).toContain(
      'COMPOSE_DISABLE_ENV_FILE=yes is not a boolean',
    );
  });

  test('values are checked without interpolation too, where they have no variables', async () => {
    const load = async (source: string): Promise<unknown> =>
      withFiles({ 'compose.yaml': `services: {a: {image: i, volumes: [{type: bind, ${source} target: /t}]}}` }, (cwd) =>
        loadModel({ cwd, environment: {}, interpolate: false }),
      );
    await expect(load('')).rejects.toThrow('field source must not be empty');
    await expect(load('source: "${S}",')).resolves.toBeDefined();
  });

  test('platforms of a build add up', async () => {
    const files = {
      'compose.yaml': 'services: {a: {build: {context: ., platforms: [linux/amd64], tags: [t]}}}',
      'compose.override.yaml': 'services: {a: {build: {platforms: [linux/amd64], tags: [t]}}}',
    };
    expect((await loadServices(files))['a']?.['build']).toMatchObject({ platforms: ['linux/amd64', 'linux/amd64'], tags: ['t'] });
  });
});
