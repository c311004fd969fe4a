const SPEC = '[.](unit|integration|e2e)[.]spec[.]ts$|/test/|^apps/e2e/';

/** A direction that no import may take; `instead` ends the sentence that the check prints. */
const direction = ({ name, from, to, instead, specsToo = false }) => ({
  name,
  severity: 'error',
  comment: instead,
  from: { path: from, ...(specsToo ? {} : { pathNot: SPEC }) },
  to: { path: to },
});

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-circle',
      severity: 'error',
      comment: 'Move what both files need into a third one that imports neither.',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-app-to-app',
      severity: 'error',
      comment:
        'Apps meet over HTTP, gRPC or a store: move what both need into a lib. Tests of the whole are in apps/e2e.',
      from: { path: '^apps/([^/]+)/', pathNot: '^apps/e2e/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'no-adapter-to-adapter',
      severity: 'error',
      comment: 'The app that uses both adapters passes on what one needs of the other.',
      from: { path: '^libs/adapters/([^/]+)/', pathNot: SPEC },
      to: { path: '^libs/adapters/', pathNot: '^libs/adapters/$1/' },
    },
    direction({
      name: 'no-lib-to-app',
      from: '^libs/',
      to: '^apps/',
      instead: 'Declare a port in the lib and let the app hand in what it needs.',
      specsToo: true,
    }),
    direction({
      name: 'domain-imports-domain-and-contracts-only',
      from: '^libs/domain/',
      to: '^libs/(adapters|platform|testing)/',
      instead: 'Take the value as an argument: the domain decides, adapters and apps act.',
    }),
    direction({
      name: 'contracts-import-contracts-only',
      from: '^libs/contracts/',
      to: '^libs/(?!contracts/)',
      instead: 'A contract is data that both sides know: move the behaviour into domain or an adapter.',
    }),
    direction({
      name: 'platform-imports-platform-only',
      from: '^libs/platform/',
      to: '^libs/(?!platform/)',
      instead: 'Take the value as an argument: platform knows nothing of what millrace does.',
    }),
    direction({
      name: 'testing-for-specs-only',
      from: '^(apps|libs/(?!testing/))',
      to: '^libs/testing/',
      instead: 'Production code does not use libs/testing: move what it needs into the lib that owns it.',
    }),
    direction({
      name: 'no-import-of-a-spec',
      from: '',
      to: '[.]spec[.]ts$',
      instead: 'Move what both need into libs/testing.',
      specsToo: true,
    }),
    {
      name: 'no-deep-import',
      severity: 'error',
      comment: 'Import the lib by its alias: its index.ts says what others may use.',
      from: { path: '^(apps/[^/]+|libs/[^/]+/[^/]+|libs/testing)/' },
      to: { path: '^libs/.+/src/.+', pathNot: ['^libs/.+/src/index[.]ts$', '^$1/'] },
    },
    {
      name: 'no-orphan',
      severity: 'error',
      comment: 'Nothing imports this file and it imports nothing: delete it.',
      from: { orphan: true, pathNot: ['[.]d[.]ts$', '/index[.]ts$', SPEC] },
      to: {},
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      comment: 'Correct the path, or add the package to package.json.',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-dev-package',
      severity: 'error',
      comment: 'Production code imports it: move it from devDependencies to dependencies.',
      from: { path: '^(apps|libs)/', pathNot: [SPEC, '^libs/testing/', '^apps/bench/'] },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm', 'npm-optional', 'type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '/generated/'] },
    exclude: { path: ['/dist/', '^[.]millrace'] },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.json'],
    },
  },
};
