/**
 * Runs the tests against real stores: installs and builds what is missing, starts Postgres and Redis on a temporary
 * home, runs jest with the arguments it got, stops the stores, and ends with `N passed, N failed`.
 */
import { spawn } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build } from './build.mjs';
import { installMissing } from './install.mjs';
import { reportFailure } from './plain-error.mjs';

const ROOT = dirname(import.meta.dirname);
const MOST_WORKERS = 4;
const KILL_AFTER_MS = 5_000;
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

/** Aborted by the first signal; its reason is the signal's name. */
const stopping = new AbortController();

/** Starts the stores that a person without a database would get, on data that is thrown away. */
async function startStores(home) {
  const { startStores } = await import('../dist/libs/adapters/embedded-stores/src/index.js');
  return startStores({ home });
}

/** Unit tests touch no store. */
function needsStores(args) {
  const at = args.indexOf('--selectProjects');
  if (at === -1) return true;
  const end = args.findIndex((word, index) => index > at && word.startsWith('-'));
  return args.slice(at + 1, end === -1 ? undefined : end).some((project) => project !== 'unit');
}

/** Ends with jest's exit code. Jest leads a process group of its own, so that a stop reaches its workers too. */
function runJest(args, { environment, countsFile }) {
  const workers = Math.min(MOST_WORKERS, availableParallelism());
  const chosen = args.some((word) => /^(-w|-i|--maxWorkers|--runInBand)/.test(word)) ? [] : [`--maxWorkers=${workers}`];
  const jest = join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js');
  const child = spawn(process.execPath, [jest, ...chosen, '--json', `--outputFile=${countsFile}`, ...args], {
    cwd: ROOT,
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...environment, NODE_OPTIONS: nodeOptions() },
  });
  const signalGroup = (signal) => {
    try {
      process.kill(-child.pid, signal);
    } catch (error) {
      if (error.code !== 'ESRCH') throw error;
    }
  };
  stopping.signal.addEventListener('abort', () => {
    signalGroup('SIGTERM');
    setTimeout(() => signalGroup('SIGKILL'), KILL_AFTER_MS).unref();
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      signalGroup('SIGKILL');
      resolve(code ?? 1);
    });
  });
}

function nodeOptions() {
  const own = '--experimental-vm-modules --disable-warning=ExperimentalWarning';
  return [process.env.NODE_OPTIONS, own].filter(Boolean).join(' ');
}

/** A suite that could not be loaded is a failure too, although none of its tests ran. */
async function readCounts(countsFile) {
  const text = await readFile(countsFile, 'utf8').catch(() => undefined);
  if (text === undefined) return { passed: 0, failed: 0 };
  const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = JSON.parse(text);
  return { passed: numPassedTests, failed: numFailedTests + numRuntimeErrorTestSuites };
}

async function main(args) {
  await installMissing({ dev: true });
  await build();
  const home = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  // Postgres refuses root and then runs as another user, who has to pass through.
  await chmod(home, 0o711);
  const countsFile = join(home, 'counts.json');
  let stores;
  try {
    stores = needsStores(args) ? await startStores(home) : undefined;
    const environment =
      stores === undefined
        ? {}
        : {
            TEST_DATABASE_URL: stores.databaseUrl,
            TEST_REDIS_URL: stores.redisUrl,
            TEST_RUNNER_REDIS_URL: stores.runnerRedisUrl,
          };
    const code = stopping.signal.aborted ? 1 : await runJest(args, { environment, countsFile });
    const { passed, failed } = await readCounts(countsFile);
    await stores?.stop();
    console.log(`${passed} passed, ${failed} failed`);
    process.exitCode = code !== 0 ? code : passed + failed === 0 ? 1 : 0;
  } finally {
    await stores?.stop();
    await rm(home, { recursive: true, force: true });
    if (stopping.signal.aborted) process.exitCode = EXIT_CODES[stopping.signal.reason];
  }
}

for (const signal of Object.keys(EXIT_CODES)) process.on(signal, () => stopping.abort(signal));
main(process.argv.slice(2)).catch(reportFailure);
