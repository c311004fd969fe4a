/** Reports whatever makes a decision depend on more than its arguments: clock, randomness, I/O and waiting. */

const CLOCK = 'take the instant as an argument (`nowMs`), so that a test can hold the clock';
const RANDOM = 'take the id, seed or random number as an argument; the caller draws it (libs/platform/ids)';
const WAITING = 'return what is to be done as a value, and let an adapter or app await it';
const INPUT = 'declare what the decision needs as an argument, and let an adapter read or write it';

const GLOBALS = new Map([
  ['performance', CLOCK],
  ['Promise', WAITING],
  ['setTimeout', WAITING],
  ['setInterval', WAITING],
  ['setImmediate', WAITING],
  ['queueMicrotask', WAITING],
  ['fetch', INPUT],
  ['process', INPUT],
  ['console', INPUT],
  ['crypto', RANDOM],
]);

const PURE_PACKAGES = [/^\.{1,2}\//, /^@millrace\/(domain|contracts)\//, /^zod$/];
const PURE_CRYPTO = new Set(['createHash', 'createHmac', 'timingSafeEqual']);

export const pureDomain = {
  meta: {
    type: 'problem',
    schema: [],
    messages: { impure: 'The domain is pure and synchronous, so no `{{what}}` here: {{instead}}.' },
  },
  create(context) {
    const report = (node, what, instead) => context.report({ node, messageId: 'impure', data: { what, instead } });
    const reportAsync = (node) => {
      if (node.async) report(node, 'async', WAITING);
    };
    return {
      ImportDeclaration: (node) => checkImport(node, report),
      ExportAllDeclaration: (node) => checkImport(node, report),
      ImportExpression: (node) => report(node, 'import()', INPUT),
      AwaitExpression: (node) => report(node, 'await', WAITING),
      FunctionDeclaration: reportAsync,
      FunctionExpression: reportAsync,
      ArrowFunctionExpression: reportAsync,
      TSTypeReference(node) {
        if (/^(Promise|AsyncIterable|AsyncGenerator)$/.test(node.typeName.name ?? '')) {
          report(node, node.typeName.name, WAITING);
        }
      },
      MemberExpression(node) {
        const name = `${node.object.name ?? ''}.${node.property.name ?? ''}`;
        if (name === 'Date.now') report(node, name, CLOCK);
        if (name === 'Math.random') report(node, name, RANDOM);
      },
      NewExpression(node) {
        if (node.callee.name === 'Date' && node.arguments.length === 0) report(node, 'new Date()', CLOCK);
      },
      'Program:exit'(node) {
        for (const identifier of readsOfGlobals(context.sourceCode.getScope(node))) {
          const instead = GLOBALS.get(identifier.name);
          if (instead !== undefined && identifier.parent.type !== 'TSTypeReference') {
            report(identifier, identifier.name, instead);
          }
        }
      },
    };
  },
};

/** Names that the file does not declare itself: those ESLint knows, and all others. */
function readsOfGlobals(globalScope) {
  const known = globalScope.variables.filter((one) => one.defs.length === 0).flatMap((one) => one.references);
  return [...known, ...globalScope.through].map((one) => one.identifier);
}

function checkImport(node, report) {
  const source = node.source.value;
  if (PURE_PACKAGES.some((pattern) => pattern.test(source))) return;
  if (source === 'node:crypto' && node.specifiers?.every((one) => PURE_CRYPTO.has(one.imported?.name))) return;
  report(
    node,
    source,
    source.startsWith('node:') ? INPUT : 'only zod, contracts and other domain libs are imported here',
  );
}
