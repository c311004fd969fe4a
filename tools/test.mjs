/**
 * Runs the tests against real stores: installs and builds what is missing, starts Postgres and Redis on a temporary
 * home, runs jest with the arguments it got, stops the stores, and ends with `N passed, N failed`.
 */
import './require-node.mjs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build } from './build.mjs';
import { installMissing } from './install.mjs';
import { reportFailure } from './plain-error.mjs';

const ROOT = dirname(import.meta.dirname);
const MOST_WORKERS = 4;
const KILL_AFTER_MS = 5_000;
const WATCH_MS = 1_000;
const HANGING_AFTER_MS = 15_000;
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

/** Aborted by the first signal; its reason is the signal's name. */
const stopping = new AbortController();

/** Unit tests touch no store. */
function needsStores(args) {
  const at = args.indexOf('--selectProjects');
  if (at === -1) return true;
  const end = args.findIndex((word, index) => index > at && word.startsWith('-'));
  return args.slice(at + 1, end === -1 ? undefined : end).some((project) => project !== 'unit');
}

/**
 * Ends with jest's exit code. Jest leads a process group of its own, so that a stop reaches its workers too,
 * and nothing of it outlives this function.
 */
async function runJest(args, environment) {
  const jest = join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js');
  const reporters = ['--reporters=default', `--reporters=${join(import.meta.dirname, 'count-reporter.mjs')}`];
  const child = spawn(process.execPath, [jest, ...reporters, ...parallelism(args), ...args], {
    cwd: ROOT,
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...environment, NODE_OPTIONS: nodeOptions() },
  });
  const ended = once(child, 'close');
  const stop = () => {
    signalGroup(child, 'SIGTERM');
    setTimeout(() => signalGroup(child, 'SIGKILL'), KILL_AFTER_MS).unref();
  };
  stopping.signal.addEventListener('abort', stop);
  const watch = killWhenHanging(child, environment.TEST_COUNTS_FILE);
  const [code] = await ended;
  clearInterval(watch);
  signalGroup(child, 'SIGKILL');
  return code ?? 1;
}

/** Tests have ended when their counts are written; a process that then stays was left something open by them. */
function killWhenHanging(child, countsFile) {
  let waitedMs = 0;
  const watch = setInterval(() => {
    if (existsSync(countsFile)) waitedMs += WATCH_MS;
    if (waitedMs < HANGING_AFTER_MS) return;
    console.error('Jest was ended by force: a test left a connection, timer or child process open.');
    signalGroup(child, 'SIGKILL');
  }, WATCH_MS);
  return watch;
}

function signalGroup(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

function parallelism(args) {
  if (args.some((word) => /^(-w|-i|--maxWorkers|--runInBand)/.test(word))) return [];
  return [`--maxWorkers=${Math.min(MOST_WORKERS, availableParallelism())}`];
}

function nodeOptions() {
  const own = '--experimental-vm-modules --disable-warning=ExperimentalWarning';
  return [process.env.NODE_OPTIONS, own].filter(Boolean).join(' ');
}

/** None were counted when jest ended before its tests did. */
async function readCounts(countsFile) {
  const text = await readFile(countsFile, 'utf8').catch(() => '{ "passed": 0, "failed": 0 }');
  return JSON.parse(text);
}

/** Where the tests find the stores; tests that need none get none. */
async function startStoresFor(args, home) {
  if (!needsStores(args)) return { environment: {}, stop: async () => undefined };
  const { startStores } = await import('../dist/libs/adapters/embedded-stores/src/index.js');
  const { databaseUrl, redisUrl, runnerRedisUrl, stop } = await startStores({ home });
  const environment = {
    TEST_DATABASE_URL: databaseUrl,
    TEST_REDIS_URL: redisUrl,
    TEST_RUNNER_REDIS_URL: runnerRedisUrl,
  };
  return { environment, stop };
}

async function main(args) {
  await installMissing({ dev: true });
  await build();
  const home = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  // Postgres refuses root and then runs as another user, who has to pass through.
  await chmod(home, 0o711);
  const countsFile = join(home, 'counts.json');
  let stores;
  let code = 1;
  try {
    stores = await startStoresFor(args, home);
    if (!stopping.signal.aborted) code = await runJest(args, { ...stores.environment, TEST_COUNTS_FILE: countsFile });
    const { passed, failed } = await readCounts(countsFile);
    await stores.stop();
    console.log(`${passed} passed, ${failed} failed`);
    if (passed + failed === 0) code = 1;
  } finally {
    await stores?.stop();
    await rm(home, { recursive: true, force: true });
    process.exitCode = EXIT_CODES[stopping.signal.reason] ?? code;
  }
}

for (const signal of Object.keys(EXIT_CODES)) process.on(signal, () => stopping.abort(signal));
main(process.argv.slice(2)).catch(reportFailure);
