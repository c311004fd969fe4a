/**
 * Proves that .dependency-cruiser.mjs reports each forbidden direction: writes a small tree that breaks every rule
 * into a temporary folder, and ends non-zero when an import passes that must not, or the other way round.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cruise } from 'dependency-cruiser';
import configuration from '../.dependency-cruiser.mjs';
import { PlainError, reportFailure } from './plain-error.mjs';

const FILES = {
  api: 'apps/api/src/main.ts',
  runner: 'apps/runner/src/main.ts',
  whole: 'apps/e2e/src/whole.ts',
  queue: 'libs/adapters/queue/src/index.ts',
  postgres: 'libs/adapters/postgres/src/index.ts',
  inside: 'libs/adapters/postgres/src/row.ts',
  spec: 'libs/adapters/queue/src/queue.integration.spec.ts',
  claim: 'libs/domain/claim/src/index.ts',
  tenancy: 'libs/domain/tenancy/src/index.ts',
  job: 'libs/contracts/job/src/index.ts',
  openai: 'libs/contracts/openai/src/index.ts',
  config: 'libs/platform/config/src/index.ts',
  ids: 'libs/platform/ids/src/index.ts',
  testing: 'libs/testing/src/index.ts',
};

/** `importer → imported`: the rule that reports it; undefined where the import is right. */
const VERDICTS = [
  ['api', 'runner', 'no-app-to-app'],
  ['whole', 'runner'],
  ['api', 'whole', 'no-app-to-app'],
  ['api', 'testing', 'testing-for-specs-only'],
  ['api', 'spec', 'no-import-of-a-spec'],
  ['api', 'inside', 'no-deep-import'],
  ['api', 'queue'],
  ['api', 'claim'],
  ['api', 'openai'],
  ['api', 'config'],
  ['queue', 'api', 'no-lib-to-app'],
  ['queue', 'postgres', 'no-adapter-to-adapter'],
  ['queue', 'testing', 'testing-for-specs-only'],
  ['queue', 'claim'],
  ['queue', 'job'],
  ['queue', 'config'],
  ['spec', 'testing'],
  ['spec', 'postgres'],
  ['claim', 'api', 'no-lib-to-app'],
  ['claim', 'queue', 'domain-imports-domain-and-contracts-only'],
  ['claim', 'config', 'domain-imports-domain-and-contracts-only'],
  ['claim', 'testing', 'domain-imports-domain-and-contracts-only'],
  ['claim', 'tenancy'],
  ['claim', 'job'],
  ['job', 'queue', 'contracts-import-contracts-only'],
  ['job', 'claim', 'contracts-import-contracts-only'],
  ['job', 'config', 'contracts-import-contracts-only'],
  ['job', 'openai'],
  ['config', 'queue', 'platform-imports-platform-only'],
  ['config', 'claim', 'platform-imports-platform-only'],
  ['config', 'job', 'platform-imports-platform-only'],
  ['config', 'ids'],
  ['testing', 'api', 'no-lib-to-app'],
  ['testing', 'queue'],
];

async function reportedRules(root, imports) {
  for (const path of Object.values(FILES)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), 'export const proof = 1;\n');
  }
  for (const [from, to] of imports) {
    const target = join(root, FILES[to]).replace(/[.]ts$/, '.js');
    writeFileSync(join(root, FILES[from]), `import { proof } from '${target}';\nexport const again = proof;\n`);
  }
  const options = { ...configuration.options, ruleSet: { forbidden: configuration.forbidden }, validate: true };
  delete options.tsConfig;
  const { output } = await cruise(['apps', 'libs'], { ...options, baseDir: root }, { bustTheCache: true });
  return output.summary.violations.map((one) => one.rule.name);
}

async function main() {
  const root = mkdtempSync(join(tmpdir(), 'millrace-directions-'));
  symlinkSync(join(dirname(import.meta.dirname), 'node_modules'), join(root, 'node_modules'));
  const failures = [];
  try {
    for (const [from, to, rule] of VERDICTS) {
      const reported = (await reportedRules(root, [[from, to]])).filter((name) => name !== 'no-orphan');
      const right = rule === undefined ? reported.length === 0 : reported.includes(rule);
      if (!right) failures.push(`${FILES[from]} → ${FILES[to]}: expected ${rule ?? 'nothing'}, reported [${reported}]`);
    }
    const circle = await reportedRules(root, [
      ['claim', 'tenancy'],
      ['tenancy', 'claim'],
    ]);
    if (!circle.includes('no-circle')) failures.push('no-circle does not report two files that import each other');
    writeFileSync(join(root, 'libs/domain/claim/src/alone.ts'), 'export const alone = 1;\n');
    if (!(await reportedRules(root, [])).includes('no-orphan')) failures.push('no-orphan does not report a lone file');
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
  if (failures.length > 0) throw new PlainError(failures.join('\n'));
}

main().catch(reportFailure);
