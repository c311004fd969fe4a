import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** Stores of what belongs to no tenant, or is written for many at once by whoever has no key. */
const FLEET_WIDE: ReadonlySet<string> = new Set([
  ...['catalogue-store.ts', 'fleet-report-store.ts', 'plan-store.ts', 'runner-store.ts', 'scheduler-lease-store.ts'],
  ...['usage-store.ts', 'month-usage-store.ts', 'model-store.ts', 'deployment-store.ts', 'scheduler-log-store.ts'],
  ...['join-token-store.ts', 'runner-admin-store.ts', 'replica-admin-store.ts', 'device-admin-store.ts'],
  ...['event-store.ts'],
]);

/** Methods without a tenant, each with what stands in for it. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  'TenancyStore.findApiKeys': 'the hash of a secret names its tenant',
  'TenancyStore.noteKeyUse': 'notes what was authenticated, of any tenant',
  'TenancyStore.ensureTenant': 'makes the tenant',
  'TenancyStore.workingOperatorKeys': 'operators are no customers: their keys are for all tenants',
  'TenancyStore.wasSetUp': 'tells of a secret of this installation whether it was a key of any tenant',
  'IdempotentAnswerStore.begin': 'the API key of the call stands for its tenant',
  'IdempotentAnswerStore.finish': 'the API key of the call stands for its tenant',
  'IdempotentAnswerStore.release': 'the API key of the call stands for its tenant',
  'IdempotentAnswerStore.forgetExpired': 'removes what is old, of any tenant',
};

/** Public methods of a file's classes, each with the text of its first parameter. */
function methodsOf(file: string): { name: string; first: string }[] {
  const text = readFileSync(join(import.meta.dirname, file), 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  return source.statements.filter(ts.isClassDeclaration).flatMap((declared) =>
    declared.members
      .filter(ts.isMethodDeclaration)
      .filter(({ modifiers }) => modifiers?.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword) !== true)
      .map(({ name, parameters }) => ({
        name: `${declared.name?.text ?? ''}.${name.getText()}`,
        first: parameters[0]?.name.getText() ?? '',
      })),
  );
}

const files = readdirSync(import.meta.dirname).filter((file) => file.endsWith('-store.ts') && !FLEET_WIDE.has(file));

describe('stores of what belongs to tenants', () => {
  it.each(files)('take the tenant first: %s', (file) => {
    const methods = methodsOf(file);
    expect(methods).not.toEqual([]);
    for (const { name, first } of methods) {
      const isOperators = /ForOperator$|\.forOperator$/.test(name);
      const takesTenant = first === 'tenantId' || first.startsWith('{ tenantId');
      expect({ name, fine: takesTenant || isOperators || name in EXCEPTIONS }).toEqual({ name, fine: true });
    }
  });

  it('name no exception that is none', () => {
    const names = new Set(files.flatMap(methodsOf).map(({ name }) => name));
    expect(Object.keys(EXCEPTIONS).filter((name) => !names.has(name))).toEqual([]);
  });
});
