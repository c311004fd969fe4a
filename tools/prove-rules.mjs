/**
 * A rule that cannot fail is a defect: lints a few lines that break each rule of this repository,
 * as if they stood in the folder that the rule is about, and ends non-zero when one of them passes.
 */
import { readFileSync } from 'node:fs';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';

const BOUNDARY = '@nx/enforce-module-boundaries';
const PURE = 'millrace/pure-domain';
const OWNER = 'millrace/package-owner';
const RESTRICTED = 'no-restricted-syntax';

const DIRECTIONS = {
  app: { bad: ['app', 'testing'], good: ['adapter', 'domain', 'contract', 'platform'] },
  adapter: { bad: ['app', 'adapter', 'testing'], good: ['domain', 'contract', 'platform'] },
  domain: { bad: ['app', 'adapter', 'platform', 'testing'], good: ['domain', 'contract'] },
  contract: { bad: ['app', 'adapter', 'domain', 'platform', 'testing'], good: ['contract'] },
  platform: { bad: ['app', 'adapter', 'domain', 'contract', 'testing'], good: ['platform'] },
  testing: { bad: ['app'], good: ['adapter', 'domain', 'contract', 'platform'] },
};

/** Each line of code breaks the rule before it when it stands in the file before it. */
const BREAKING = [
  [PURE, 'libs/domain/claim/src/proof.ts', 'export const now = () => Date.now();'],
  [PURE, 'libs/domain/claim/src/proof.ts', 'export const now = () => new Date();'],
  [PURE, 'libs/domain/claim/src/proof.ts', 'export const now = () => performance.now();'],
  [PURE, 'libs/domain/claim/src/proof.ts', 'export const pick = () => Math.random();'],
  [PURE, 'libs/domain/claim/src/proof.ts', 'export async function decide() {}'],
  [PURE, 'libs/domain/claim/src/proof.ts', 'export const decide = (): Promise<void> => wait();'],
  [PURE, 'libs/domain/claim/src/proof.ts', 'export const decide = () => Promise.resolve(1);'],
  [PURE, 'libs/domain/claim/src/proof.ts', 'setTimeout(() => undefined, 1);'],
  [PURE, 'libs/domain/claim/src/proof.ts', 'fetch("http://localhost");'],
  [PURE, 'libs/domain/claim/src/proof.ts', 'console.log(1);'],
  [PURE, 'libs/domain/claim/src/proof.ts', "import { readFileSync } from 'node:fs'; readFileSync('a');"],
  [PURE, 'libs/domain/claim/src/proof.ts', "import { randomBytes } from 'node:crypto'; randomBytes(1);"],
  [PURE, 'libs/domain/claim/src/proof.ts', "import { Injectable } from '@nestjs/common'; Injectable();"],
  [OWNER, 'apps/api/src/proof.ts', "import { Worker } from 'bullmq'; new Worker('a');"],
  [OWNER, 'apps/api/src/proof.ts', "export { DataSource } from 'typeorm';"],
  [OWNER, 'apps/api/src/proof.ts', "const pg = await import('pg'); pg.connect();"],
  [OWNER, 'libs/adapters/postgres/src/proof.ts', "import { Server } from '@grpc/grpc-js'; new Server();"],
  [OWNER, 'apps/runner/src/proof.ts', "import { getLlama } from 'node-llama-cpp'; getLlama();"],
  [RESTRICTED, 'apps/api/src/proof.ts', 'export const port = process.env.PORT;'],
  [RESTRICTED, 'apps/api/src/proof.ts', 'export const { env } = process;'],
  [RESTRICTED, 'libs/domain/claim/src/proof.ts', "import { env } from 'node:process'; env.PORT;"],
  [RESTRICTED, 'apps/e2e/src/proof.e2e.spec.ts', 'await new Promise((resolve) => setTimeout(resolve, 50));'],
  [
    RESTRICTED,
    'libs/domain/claim/src/proof.unit.spec.ts',
    "import { setTimeout as sleep } from 'node:timers/promises'; sleep(1);",
  ],
  ['millrace/file-name', 'libs/domain/claim/src/string-utils.ts', ''],
  ['millrace/file-name', 'libs/common/src/index.ts', ''],
  ['millrace/file-name', 'apps/api/src/relay-v2.ts', ''],
  ['millrace/glossary', 'apps/api/src/proof.ts', 'export interface Row { organizationId: string }'],
  ['millrace/glossary', 'apps/api/src/proof.ts', 'export function findWorker(id: string) { return id; }'],
  [
    'millrace/parameter-count',
    'apps/api/src/proof.ts',
    'export const sum = (a: 1, b: 1, c: 1, d: 1) => a + b + c + d;',
  ],
  ['max-lines', 'apps/api/src/proof.ts', '\n'.repeat(301)],
  ['max-lines-per-function', 'apps/api/src/proof.ts', `export function f() {\n${'f();\n'.repeat(61)}}`],
  ['@typescript-eslint/no-explicit-any', 'apps/api/src/proof.ts', 'export const a = (b: any) => b;'],
  ['@typescript-eslint/no-non-null-assertion', 'apps/api/src/proof.ts', 'export const a = (b?: string) => b!;'],
  ['no-empty', 'apps/api/src/proof.ts', 'try { go(); } catch {}'],
];

/** These need types, so they stand in for a file that exists. */
const BREAKING_WITH_TYPES = [
  ['@typescript-eslint/no-floating-promises', 'export function go() { wait(); } async function wait() { await 1; }'],
  [
    '@typescript-eslint/switch-exhaustiveness-check',
    "export function f(a: 'x' | 'y') { switch (a) { case 'x': return 1; default: return 2; } }",
  ],
];
const EXISTING_FILE = 'libs/contracts/job-contract/src/ticket.ts';

const FINE = [
  ['libs/domain/claim/src/proof.ts', 'export const later = (nowMs: number) => new Date(nowMs + Math.max(1, 2));'],
  [
    'libs/domain/claim/src/proof.ts',
    "import { createHmac } from 'node:crypto'; export const a = () => createHmac('a', 'b');",
  ],
  [
    'libs/domain/claim/src/proof.unit.spec.ts',
    'export const now = async () => { await Promise.resolve(Date.now()); };',
  ],
  ['apps/api/src/proof.integration.spec.ts', 'export const url = process.env.TEST_DATABASE_URL;'],
  ['libs/platform/config/src/proof.ts', 'export const port = process.env.PORT;'],
  ['libs/adapters/completion-queue/src/proof.ts', "export { Worker } from 'bullmq';"],
];

const withoutTypes = new ESLint({
  overrideConfig: [{ files: ['**/*.ts'], ...tseslint.configs.disableTypeChecked }],
});
const withTypes = new ESLint();
const projects = readProjects();
const failures = [];

for (const [rule, filePath, code] of BREAKING) await expectReport(withoutTypes, { rule, filePath, code });
for (const [rule, code] of BREAKING_WITH_TYPES) {
  await expectReport(withTypes, { rule, filePath: EXISTING_FILE, code });
}
for (const [filePath, code] of FINE) await expectSilence({ filePath, code });
for (const [source, { bad, good }] of Object.entries(DIRECTIONS)) {
  if (!projects.some((one) => one.type === source)) failures.push(`no project.json carries the tag type:${source}`);
  for (const target of bad) await proveDirection(source, target, 'bad');
  for (const target of good) await proveDirection(source, target, 'good');
}
await provePlaceOfTesting();

for (const failure of failures) console.error(failure);
process.exitCode = failures.length > 0 ? 1 : 0;

async function rulesReported(eslint, { filePath, code }) {
  const [result] = await eslint.lintText(code, { filePath });
  return result.messages.map((one) => one.ruleId ?? `could not be linted: ${one.message}`);
}

async function expectReport(eslint, { rule, filePath, code }) {
  const reported = await rulesReported(eslint, { filePath, code });
  if (!reported.includes(rule)) failures.push(`${rule} does not report in ${filePath}: ${code.trim()} (${reported})`);
}

async function expectSilence({ filePath, code }) {
  const reported = await rulesReported(withoutTypes, { filePath, code });
  if (reported.length > 0) failures.push(`${reported} reports what is right in ${filePath}: ${code}`);
}

async function proveDirection(source, target, verdict) {
  for (const [from, to] of pairs(source, target)) {
    const filePath = `${from.root}/src/proof.ts`;
    const code = `import { proof } from '${to.alias}';\nexport const again = proof;`;
    if (verdict === 'bad') return expectReport(withoutTypes, { rule: BOUNDARY, filePath, code });
    if (!wouldCloseCircle(from, to)) return expectSilence({ filePath, code });
  }
}

/** libs/testing is for specs only. */
async function provePlaceOfTesting() {
  for (const [from, to] of pairs('app', 'testing')) {
    await expectSilence({ filePath: `${from.root}/src/proof.unit.spec.ts`, code: `import '${to.alias}';` });
  }
}

function pairs(source, target) {
  const from = projects.filter((one) => one.type === source);
  const to = projects.filter((one) => one.type === target);
  return from.flatMap((one) => to.filter((other) => other !== one).map((other) => [one, other]));
}

/** True when the target already depends on the source: a circle is an error of its own. */
function wouldCloseCircle(from, to, seen = new Set()) {
  if (to === from) return true;
  if (seen.has(to.name)) return false;
  seen.add(to.name);
  return to.dependencies.some((name) => {
    const next = projects.find((one) => one.name === name);
    return next !== undefined && wouldCloseCircle(from, next, seen);
  });
}

function readProjects() {
  const { nodes, dependencies } = JSON.parse(readFileSync('.nx/graph.json', 'utf8')).graph;
  return Object.values(nodes).map(({ name, data }) => ({
    name,
    root: data.root,
    type: (data.tags ?? []).find((tag) => tag.startsWith('type:'))?.slice('type:'.length),
    alias: data.root.startsWith('libs/')
      ? data.root.replace('libs/', '@millrace/')
      : `../../../${data.root}/src/main.js`,
    dependencies: (dependencies[name] ?? []).map((one) => one.target),
  }));
}
