import nx from '@nx/eslint-plugin';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { boundaries, boundariesOfSpecs, boundariesOfTheWhole } from './tools/lint/boundaries.mjs';
import { millrace } from './tools/lint/index.mjs';

const TYPESCRIPT = ['apps/**/*.ts', 'libs/**/*.ts', 'tools/**/*.ts'];
const SPECS = ['**/*.spec.ts', '**/test/**/*.ts', 'apps/e2e/**/*.ts'];

const environment = {
  message:
    'Only libs/platform/config reads the environment: add the variable to its settings.ts and read it with readSettings().',
};

/** What plain JavaScript finds in Node without an import. */
const nodeGlobals = Object.fromEntries(
  [
    ...['process', 'console', 'Buffer', 'URL', 'fetch', 'AbortController', 'AbortSignal', 'performance', 'Response'],
    ...['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'structuredClone', 'TextDecoder'],
    ...['TextEncoder', 'URLSearchParams'],
  ].map((name) => [name, 'readonly']),
);

/** Rules that hold for every file, TypeScript or not. */
const everywhere = {
  eqeqeq: 'error',
  'no-console': 'error',
  'no-empty': ['error', { allowEmptyCatch: false }],
  'no-var': 'error',
  'object-shorthand': 'error',
  'prefer-const': 'error',
  'max-lines': ['error', { max: 300 }],
  'max-depth': ['error', 3],
  'millrace/file-name': 'error',
  'millrace/glossary': 'error',
  'millrace/parameter-count': 'error',
};

const noEnvironment = [
  { selector: "MemberExpression[object.name='process'][property.name='env']", ...environment },
  { selector: "VariableDeclarator[init.name='process'] > ObjectPattern > Property[key.name='env']", ...environment },
  {
    selector: 'ImportDeclaration[source.value=/^(node:)?process$/] > ImportSpecifier[imported.name="env"]',
    ...environment,
  },
];

const sleep = { message: 'A test does not sleep: wait for the event, or for the condition with a deadline.' };

const noSleep = [
  {
    selector: "NewExpression[callee.name='Promise'] CallExpression[callee.name='setTimeout'] > Identifier.arguments",
    ...sleep,
  },
  { selector: 'ImportDeclaration[source.value=/^(node:)?timers.promises$/]', ...sleep },
];

export default defineConfig(
  {
    ignores: [
      '**/node_modules',
      '**/dist',
      'dist.*',
      '.nx',
      '.millrace',
      'coverage',
      'tools/tiny-model',
      '**/generated/**',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: [...TYPESCRIPT, '**/*.mjs'],
    plugins: { '@nx': nx, millrace },
    rules: everywhere,
  },
  {
    files: ['**/*.mjs'],
    extends: [tseslint.configs.base],
    languageOptions: { globals: nodeGlobals },
    rules: {
      'no-undef': 'error',
      'no-unused-vars': 'error',
      'no-console': 'off',
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: TYPESCRIPT,
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: false }],
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // A flag that another turn sets while this one awaits looks constant to it.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // Nest's option types are classes.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // An async function may keep a port's promise without waiting for anything.
      '@typescript-eslint/require-await': 'off',
      // What Node rejects with is an ErrnoException.
      '@typescript-eslint/use-unknown-in-catch-callback-variable': 'off',
      '@typescript-eslint/unbound-method': ['error', { ignoreStatic: true }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true, IIFEs: true }],
      'no-restricted-syntax': ['error', ...noEnvironment],
      'millrace/package-owner': 'error',
      '@nx/enforce-module-boundaries': boundaries,
    },
  },
  { files: ['libs/domain/**/*.ts'], ignores: SPECS, rules: { 'millrace/pure-domain': 'error' } },
  { files: ['libs/platform/config/**/*.ts'], rules: { 'no-restricted-syntax': 'off' } },
  // OpenAI's own words are part of its contract.
  { files: ['libs/contracts/openai/**/*.ts'], rules: { 'millrace/glossary': 'off' } },
  // Worker is BullMQ's word; it stays inside these folders.
  {
    files: ['libs/adapters/completion-queue/**/*.ts', 'libs/adapters/embedded-stores/**/*.spec.ts'],
    rules: { 'millrace/glossary': 'off' },
  },
  {
    files: SPECS,
    rules: {
      '@nx/enforce-module-boundaries': boundariesOfSpecs,
      'no-restricted-syntax': ['error', ...noEnvironment, ...noSleep],
      'max-lines-per-function': 'off',
      // What a test reads off the wire is checked by its expectations.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  {
    files: ['apps/e2e/**/*.ts', 'libs/testing/**/*.ts'],
    rules: {
      'no-restricted-syntax': 'off',
      // Callers use what OpenAI has deprecated, and millrace serves it.
      '@typescript-eslint/no-deprecated': 'off',
    },
  },
  { files: ['apps/e2e/**/*.ts'], rules: { '@nx/enforce-module-boundaries': boundariesOfTheWhole } },
  {
    files: ['**/*.{integration,e2e}.spec.ts'],
    rules: { 'no-restricted-syntax': ['error', ...noSleep] },
  },
);
