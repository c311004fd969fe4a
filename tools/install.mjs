/**
 * Installs the packages that are missing: for `npm start` those of the product, for tests and checks all.
 * Install scripts of packages are not run; what needs one is repaired where it is used.
 */
import { spawn } from 'node:child_process';
import { readFile, stat, statfs } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkNode } from './check-node.mjs';
import { withFileLock } from './file-lock.mjs';
import { missingPackages } from './missing-packages.mjs';
import { npmFailure } from './npm-failure.mjs';
import { PlainError, reportFailure } from './plain-error.mjs';

const checkout = dirname(import.meta.dirname);
const PLATFORMS = ['linux', 'darwin'];
const MEBIBYTE = 1024 * 1024;
/** What a first install, its cache and a first start take together. */
const COLD_INSTALL_BYTES = 1024 * MEBIBYTE;
const PROGRESS_MS = 5_000;

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
    if (names.length > 0) await runNpm(root, await npmArguments(root, dev), names);
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

/** A first install is clean. A repair adds to what is there: packages of tests stay when only the product's are asked for. */
async function npmArguments(root, dev) {
  const settings = [
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    '--fetch-retries=1',
    '--fetch-retry-mintimeout=1000',
    '--fetch-timeout=30000',
  ];
  const fresh = !(await stat(join(root, 'node_modules', '.package-lock.json')).catch(() => undefined));
  const omit = dev || (!fresh && (await hasDevPackages(root))) ? ['--include=dev'] : ['--omit=dev'];
  return [...(fresh ? ['ci'] : ['install', '--no-save']), ...omit, ...settings];
}

async function hasDevPackages(root) {
  const installed = await lockFile(join(root, 'node_modules', '.package-lock.json'));
  return Object.values(installed).some((entry) => entry.dev === true);
}

async function runNpm(root, npmArguments, names) {
  const beganMs = performance.now();
  const seconds = () => Math.round((performance.now() - beganMs) / 1000);
  say(`Installing ${names.length} packages (about a minute on a fast network)`);
  const progress = setInterval(() => say(`  still installing, ${seconds()} s`), PROGRESS_MS);
  try {
    const { status, output } = await npm(root, npmArguments);
    if (status !== 0) throw npmFailure(output);
  } finally {
    clearInterval(progress);
  }
  say(`Installed in ${seconds()} s`);
}

/** Ends with npm when this process is asked to end, as npm runs in the same process group on a terminal only. */
function npm(root, npmArguments) {
  const child = spawn('npm', npmArguments, { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
  let output = '';
  child.stderr.on('data', (data) => (output += data));
  const signals = ['SIGINT', 'SIGTERM'];
  const pass = (signal) => {
    child.kill(signal);
    process.exit(1);
  };
  signals.forEach((signal) => process.on(signal, pass));
  return new Promise((fulfil, reject) => {
    child.on('error', () =>
      reject(new PlainError('npm is not on PATH: install Node.js with npm, https://nodejs.org.')),
    );
    child.on('close', (status) => fulfil({ status, output }));
  }).finally(() => signals.forEach((signal) => process.off(signal, pass)));
}

/** On standard error, as the output of a command may be read by a program. */
function say(text) {
  process.stderr.write(`${text}\n`);
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  installMissing({ dev: process.argv.includes('--dev') }).catch(reportFailure);
}
