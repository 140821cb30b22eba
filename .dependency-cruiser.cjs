/**
 * Who may import whom: docs/architecture.md as rules. Tests may reach into what they test; packages meet only through
 * their entry points.
 */
const core = '^packages/core/src'

/**
 * Folder of the core → what it may import beside itself, Node and npm packages: folders, or single files of a folder that
 * is otherwise closed. Errors and types of the dsl are free.
 */
const layers = {
  message: [],
  transaction: ['message', 'timers', 'transport/flow', 'transport/response-flow'],
  transport: ['message', 'timers'],
  identity: ['message'],
  proxy: ['message', 'identity', 'transaction', 'timers', 'transport/flow'],
  uac: ['message', 'transaction', 'proxy', 'timers', 'transport/flow'],
  registrar: ['message', 'timers', 'store/database'],
  trunks: ['message', 'transaction', 'proxy', 'uac', 'timers', 'store/database', 'transport/flow'],
  runtime: [
    'message',
    'identity',
    'transaction',
    'proxy',
    'uac',
    'registrar',
    'trunks',
    'timers',
    'build/bundle',
    'config/duration',
    'config/nearest',
  ],
  store: [],
  watchdog: ['runtime/turns', 'runtime/options'],
}

const layerRules = Object.entries(layers).map(([folder, allowed]) => ({
  name: `core-${folder}`,
  comment: `core/${folder} imports only errors, random, ${[folder, ...allowed].join(', ')}`,
  severity: 'error',
  from: { path: `${core}/${folder}/`, pathNot: '[.]test(-d)?[.]ts$' },
  to: { path: core, pathNot: `${core}/((errors|random)[.]ts$|(${[folder, ...allowed].join('|')})(/|[.]ts$))` },
}))

module.exports = {
  forbidden: [
    ...layerRules,
    {
      name: 'no-cycles',
      comment: 'Two files that import each other cannot be understood one at a time',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'workers-behind-server',
      comment: 'A stack does not know whether it is alone: what is different in a worker is handed in',
      severity: 'error',
      from: { path: `${core}/`, pathNot: `${core}/(workers/|server[.]ts$)|[.]test[.]ts$` },
      to: { path: `${core}/workers/` },
    },
    {
      name: 'core-not-cli',
      comment: 'The core does not know that a command line exists',
      severity: 'error',
      from: { path: '^packages/core/' },
      to: { path: '^packages/cli/' },
    },
    {
      name: 'compiler-behind-check',
      comment: 'ts-morph may go one day, and takes a second to load: rules and graphs work on check/model.ts',
      severity: 'error',
      from: { path: '^packages/', pathNot: '^packages/cli/src/check/([^/]+[.]ts$|read/)|[.]test[.]ts$' },
      to: { path: 'ts-morph' },
    },
    {
      name: 'core-takes-types-from-dsl',
      comment: 'A bundle carries its own copy of the dsl: the core matches on its data, never on its code',
      severity: 'error',
      from: { path: `${core}/`, pathNot: `[.]test(-d)?[.]ts$|${core}/build/` },
      to: { path: '^packages/dsl/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'dsl-imports-nothing',
      comment: 'The dsl goes into every bundle',
      severity: 'error',
      from: { path: '^packages/dsl/src/', pathNot: '[.]test(-d)?[.]ts$' },
      to: { pathNot: '^packages/dsl/src/' },
    },
    {
      name: 'not-into-dist',
      comment: 'Within a package, sources import sources; a wrong path into dist would test the last build',
      severity: 'error',
      from: { path: '^packages/([^/]+)/src/' },
      to: { path: '^packages/$1/dist/' },
    },
    {
      name: 'not-unresolvable',
      comment: 'An import that nothing answers',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-dev-packages',
      comment: 'What ships declares what it needs',
      severity: 'error',
      from: { path: '^packages/', pathNot: '[.]test(-d)?[.]ts$' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['npm-peer', 'npm'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules|(^|/)dist/' },
    tsPreCompilationDeps: 'specify',
    combinedDependencies: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'node', 'default'] },
  },
}
