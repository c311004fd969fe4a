/**
 * Runs every static check, two at a time, and ends non-zero when one fails.
 * One line a check; the output only of those that fail.
 */
import './require-node.mjs';
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { installMissing } from './install.mjs';
import { reportFailure } from './plain-error.mjs';

const ROOT = dirname(import.meta.dirname);
const AT_ONCE = 2;

/** Nx's boundary rule is silent without a cached project graph, so the graph comes before everything else. */
const GRAPH = { name: 'project graph', command: 'nx graph --file=.nx/graph.json' };

/** Orders of names, and one against images that are built here under the name that they have elsewhere. */
const UNWANTED_COMPOSE_RULES = [
  ...['no-build-and-image', 'service-keys-order', 'services-alphabetical-order', 'top-level-properties-order'],
]
  .map((rule) => `--disable-rule ${rule}`)
  .join(' ');

/** The slowest first, so that the last one to end is a short one. */
const CHECKS = [
  { name: 'lint', command: 'eslint . --max-warnings=0' },
  { name: 'types', command: 'tsc -p tsconfig.json' },
  { name: 'lint rules can fail', command: 'node tools/prove-rules.mjs' },
  { name: 'import rules can fail', command: 'node tools/prove-directions.mjs' },
  { name: 'format', command: 'prettier --check --log-level warn .' },
  { name: 'unused code', command: 'knip --no-progress' },
  { name: 'imports and circles', command: 'depcruise --config .dependency-cruiser.mjs -T err-long apps libs' },
  { name: 'protocol lint', command: 'buf lint' },
  { name: 'schema drift', command: 'node tools/check-schema.mjs' },
  { name: 'generated protocol', command: 'node tools/check-generated.mjs' },
  { name: 'configuration page', command: 'node tools/configuration-page.mjs --check' },
  { name: 'paths in the docs', command: 'node tools/check-docs-paths.mjs' },
  { name: 'compose file', command: `dclint docker-compose.yml --max-warnings 0 ${UNWANTED_COMPOSE_RULES}` },
  { name: 'images and manifests', command: 'node tools/check-deployment.mjs' },
  { name: 'pinned versions', command: 'node tools/check-pins.mjs' },
];

const environment = {
  ...process.env,
  PATH: `${join(ROOT, 'node_modules', '.bin')}:${process.env.PATH}`,
  NX_DAEMON: 'false',
  NX_NO_CLOUD: 'true',
  NX_TUI: 'false',
};

/** Ends with the check's exit status and everything it printed. */
function run({ name, command }) {
  const startedAt = performance.now();
  const child = spawn('sh', ['-c', command], { cwd: ROOT, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = [];
  child.stdout.on('data', (data) => output.push(data));
  child.stderr.on('data', (data) => output.push(data));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => {
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      const passed = status === 0;
      console.log(`${passed ? 'ok    ' : 'FAILED'}  ${name.padEnd(22)} ${seconds.padStart(6)} s   ${command}`);
      if (!passed) console.log(Buffer.concat(output).toString().trimEnd().replace(/^/gm, '    '));
      resolve({ name, passed });
    });
  });
}

/** Takes checks from the front of `waiting` until none is left. */
async function runFrom(waiting, results) {
  for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) results.push(await run(check));
}

async function main() {
  await installMissing({ dev: true });
  const results = [await run(GRAPH)];
  const waiting = [...CHECKS];
  await Promise.all(Array.from({ length: AT_ONCE }, () => runFrom(waiting, results)));
  const failed = results.filter((one) => !one.passed).map((one) => one.name);
  if (failed.length === 0) return console.log(`All ${results.length} checks passed.`);
  console.error(`${failed.length} of ${results.length} checks failed: ${failed.join(', ')}.`);
  process.exitCode = 1;
}

main().catch(reportFailure);
