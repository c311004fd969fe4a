import { relative } from 'node:path';

/**
 * A package that shapes everything around it is imported in one folder only; the rest of the code asks that folder.
 * `owners` are path prefixes; `specs` are prefixes whose specs may import it too.
 */
const OWNED = [
  {
    packages: /^bullmq(\/|$)/,
    owners: ['libs/adapters/completion-queue/'],
    specs: ['libs/adapters/embedded-stores/', 'apps/e2e/'],
    instead: 'ask libs/adapters/completion-queue',
  },
  {
    packages: /^pg(\/|$)/,
    owners: ['libs/adapters/postgres/', 'libs/adapters/embedded-stores/', 'libs/testing/', 'apps/e2e/'],
    specs: [],
    instead: 'ask libs/adapters/postgres',
  },
  {
    packages: /^typeorm(\/|$)/,
    owners: ['libs/adapters/postgres/'],
    specs: ['apps/e2e/'],
    instead: 'ask libs/adapters/postgres, and pass on the connection type that it exports',
  },
  {
    packages: /^@grpc\//,
    owners: ['libs/adapters/token-stream/', 'libs/adapters/fleet/', 'libs/contracts/runner-protocol/'],
    specs: [],
    instead: 'ask libs/adapters/token-stream (chunks) or libs/adapters/fleet (assignments)',
  },
  {
    packages: /^prom-client(\/|$)/,
    owners: ['libs/platform/observability/'],
    specs: [],
    instead: 'ask for a Metrics of libs/platform/observability',
  },
  {
    packages: /^node-llama-cpp(\/|$)/,
    owners: ['libs/adapters/engines/'],
    specs: [],
    instead: 'ask libs/adapters/engines',
  },
];

export const packageOwner = {
  meta: {
    type: 'problem',
    schema: [],
    messages: { owned: '"{{name}}" is imported in {{owners}} only: {{instead}}.' },
  },
  create(context) {
    const path = relative(context.cwd, context.filename);
    const check = (node) => {
      const name = node.source?.value;
      if (typeof name !== 'string') return;
      for (const { packages, owners, specs, instead } of OWNED) {
        if (!packages.test(name) || owners.some((owner) => path.startsWith(owner))) continue;
        if (path.endsWith('.spec.ts') && specs.some((owner) => path.startsWith(owner))) continue;
        context.report({ node, messageId: 'owned', data: { name, owners: owners.join(', '), instead } });
      }
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
    };
  },
};
