/**
 * Installs the packages that are missing: for `npm start` those of the product, for tests and checks all.
 * Install scripts of packages are not run; what needs one is repaired where it is used.
 */
import { spawn } from 'node:child_process';
import { readFile, statfs } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkNode } from './check-node.mjs';
import { withFileLock } from './file-lock.mjs';
import { missingPackages } from './missing-packages.mjs';
import { installFailure, unreachableRegistry } from './npm-failure.mjs';
import { PlainError, reportFailure } from './plain-error.mjs';

const checkout = dirname(dirname(fileURLToPath(import.meta.url)));
const PLATFORMS = ['linux', 'darwin'];
const MEBIBYTE = 1024 * 1024;
/** What a first install, its cache and a first start take together. */
const COLD_INSTALL_BYTES = 1024 * MEBIBYTE;
const PROGRESS_MS = 5_000;
const SIGNALS = ['SIGINT', 'SIGTERM'];
const QUIET = ['--no-audit', '--no-fund', '--loglevel=error', '--fetch-retries=1', '--fetch-timeout=30000'];
const ONE_TRY = ['--loglevel=error', '--fetch-retries=0', '--fetch-timeout=10000'];

/**
 * Throws PlainError when this machine cannot run millrace or the registry cannot be reached.
 * `dev` asks for the packages of tests and checks too.
 */
export async function installMissing({ dev = false, root = checkout, neededBytes = COLD_INSTALL_BYTES } = {}) {
  checkNode(process.versions.node);
  checkPlatform();
  if ((await missing(root, dev)).length === 0) return;
  await checkDisk(root, neededBytes);
  await withFileLock(join(root, '.npm-install.lock'), async () => {
    const names = await missing(root, dev);
    if (names.length > 0) await runNpm(root, await installArguments(root, dev), names);
  });
}

function checkPlatform() {
  if (PLATFORMS.includes(process.platform)) return;
  throw new PlainError(
    `millrace runs on Linux and macOS, and this is ${process.platform}: use a Linux machine, a container or WSL.`,
  );
}

async function checkDisk(folder, neededBytes) {
  const { bavail, bsize } = await statfs(folder);
  const freeBytes = bavail * bsize;
  if (freeBytes >= neededBytes) return;
  throw new PlainError(
    `The disk of ${folder} has ${Math.floor(freeBytes / MEBIBYTE)} MB free, and the packages take ` +
      `${Math.ceil(neededBytes / MEBIBYTE)} MB while they are installed: make room and start again.`,
  );
}

async function missing(root, dev) {
  const wanted = await lockFile(join(root, 'package-lock.json'));
  const installed = await lockFile(join(root, 'node_modules', '.package-lock.json'));
  return missingPackages({ wanted, installed, dev, machine: process });
}

async function lockFile(path) {
  const text = await readFile(path, 'utf8').catch(() => '{}');
  return JSON.parse(text).packages ?? {};
}

/** Nothing is removed that tests need when only the product is asked for. */
async function installArguments(root, dev) {
  const installed = Object.values(await lockFile(join(root, 'node_modules', '.package-lock.json')));
  const everything = dev || installed.some((entry) => entry.dev === true);
  return ['install', '--no-save', '--ignore-scripts', everything ? '--include=dev' : '--omit=dev', ...QUIET];
}

async function runNpm(root, install, names) {
  const beganMs = performance.now();
  const seconds = () => Math.round((performance.now() - beganMs) / 1000);
  say(`Installing ${names.length} packages (about a minute on a fast network)`);
  const progress = setInterval(() => say(`  still installing, ${seconds()} s`), PROGRESS_MS);
  try {
    // Without its registry npm tries for minutes, name by name; what it has kept from before may still be enough.
    const unreachable = unreachableRegistry((await npm(root, ['ping', ...ONE_TRY])).output);
    const { status, output } = await npm(root, [...install, ...(unreachable ? ['--offline'] : [])]);
    if (status !== 0) throw unreachable ?? installFailure(output);
  } finally {
    clearInterval(progress);
  }
  say(`Installed in ${seconds()} s`);
}

/** Ends with npm when this process is asked to end, as a signal to this process alone does not reach npm. */
function npm(root, words) {
  const child = spawn('npm', words, { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
  let output = '';
  child.stderr.on('data', (data) => (output += data));
  const pass = (signal) => {
    child.kill(signal);
    process.exit(1);
  };
  SIGNALS.forEach((signal) => process.on(signal, pass));
  return new Promise((fulfil, reject) => {
    child.on('error', () =>
      reject(new PlainError('npm is not on PATH: install Node.js with npm, https://nodejs.org.')),
    );
    child.on('close', (status) => fulfil({ status, output }));
  }).finally(() => SIGNALS.forEach((signal) => process.off(signal, pass)));
}

/** On standard error, as the output of a command may be read by a program. */
function say(text) {
  process.stderr.write(`${text}\n`);
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  installMissing({ dev: process.argv.includes('--dev') }).catch(reportFailure);
}
