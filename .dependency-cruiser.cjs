/** docs/architecture.md, "Who may import whom", as rules. Each layer names the layers of ours that it may import. */
const layers = {
  util: [],
  model: ['util'],
  load: ['model', 'util'],
  plan: ['model', 'util'],
  runtime: ['model', 'util'],
  apply: ['plan', 'runtime', 'model', 'util'],
  ui: ['apply', 'plan', 'model', 'util'],
};

const layerRules = Object.entries(layers).map(([layer, allowed]) => ({
  name: `${layer}-imports`,
  severity: 'error',
  comment: `src/${layer} may import ${['itself', ...allowed].join(', ')}${layer === 'util' ? '' : ' and errors.ts'}.`,
  from: { path: `^src/${layer}/` },
  to: {
    path: '^src/',
    pathNot: [`^src/(${[layer, ...allowed].join('|')})/`, ...(layer === 'util' ? [] : ['^src/errors\\.ts$'])],
  },
}));

/** A library that only one layer may know. */
const only = (library, home) => ({
  name: `${library}-only-in-${home.join('-and-').replaceAll('/', '-')}`,
  severity: 'error',
  from: { path: '^src/', pathNot: home.map((folder) => `^src/${folder}/`) },
  to: { path: `node_modules/${library}/` },
});

module.exports = {
  forbidden: [
    ...layerRules,
    only('yaml', ['load']),
    only('listr2', ['ui']),
    only('execa', ['runtime']),
    only('zod', ['model', 'runtime']),
    only('commander', ['cli']),
    { name: 'errors-imports', severity: 'error', from: { path: '^src/errors\\.ts$' }, to: { path: '^src/', pathNot: '^src/util/' } },
    {
      name: 'pure-layers',
      severity: 'error',
      comment: 'plan and model decide; they touch nothing outside the process.',
      from: { path: '^src/(plan|model)/' },
      to: {
        dependencyTypes: ['core'],
        path: '^(node:)?(fs|child_process|net|http|https|dgram|dns|tls|worker_threads|cluster|os|process)(/|$)',
      },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only', 'dynamic-import'] } },
    },
    { name: 'no-bun-in-src', severity: 'error', from: { path: '^src/' }, to: { path: '^bun(:|$)' } },
    { name: 'no-tests-in-src', severity: 'error', from: { path: '^src/' }, to: { path: '^(test|scripts|examples)/' } },
    {
      name: 'no-dev-dependencies',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    { name: 'not-resolvable', severity: 'error', from: {}, to: { couldNotResolve: true, pathNot: '^bun(:|$)' } },
    {
      name: 'no-orphans',
      severity: 'error',
      comment: 'A module that nothing imports is not part of the program.',
      from: { orphan: true, pathNot: '\\.d\\.ts$' },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types'],
    },
  },
};
