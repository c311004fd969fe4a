/**
 * Compiles apps/ and libs/ into dist/, one file for one file, and copies what is not TypeScript beside it.
 * Nothing happens when the inputs are those of the last build. Two builds at once are safe: one waits for the other.
 */
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withFileLock } from './file-lock.mjs';
import { PlainError, reportFailure } from './plain-error.mjs';

const checkout = dirname(dirname(fileURLToPath(import.meta.url)));
const STAMP = '.stamp';
const NOT_SHIPPED = [/\.spec\.ts$/, /\.d\.ts$/, /\.md$/, /^libs\/testing\//, /^apps\/e2e\//];

/**
 * Brings `dist/` up to date.
 * Answers whether anything was compiled; throws PlainError with `file:line:column` for what does not compile.
 */
export async function build(root = checkout) {
  const files = await sourceFiles(root);
  const stamp = await stampOf(root, files);
  if ((await currentStamp(root)) === stamp) return { built: false, files: files.length };
  const lock = join(root, 'node_modules', '.cache', 'millrace', 'build.lock');
  return withFileLock(lock, async () => {
    if ((await currentStamp(root)) === stamp) return { built: false, files: files.length };
    await compileInto(root, files, stamp);
    return { built: true, files: files.length };
  });
}

async function sourceFiles(root) {
  const projects = [...(await projectFolders(root, 'apps', 1)), ...(await projectFolders(root, 'libs', 2))];
  const found = [];
  for (const project of projects) {
    const source = join(root, project, 'src');
    const entries = await readdir(source, { recursive: true, withFileTypes: true }).catch(ignoreMissing);
    for (const entry of entries) {
      if (entry.isFile()) found.push(relative(root, join(entry.parentPath ?? entry.path, entry.name)));
    }
  }
  return found.filter((file) => !NOT_SHIPPED.some((pattern) => pattern.test(file))).sort();
}

/** Folders that may hold a `src`: apps/x, libs/x and libs/x/y. */
async function projectFolders(root, folder, depth) {
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(ignoreMissing);
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => join(folder, entry.name));
  if (depth === 1) return folders;
  const deeper = await Promise.all(folders.map((inner) => projectFolders(root, inner, depth - 1)));
  return [...folders, ...deeper.flat()].filter((path) => !path.endsWith('/src'));
}

/** A hash of everything the result depends on. */
async function stampOf(root, files) {
  const hash = createHash('sha256').update(process.versions.node.split('.')[0]);
  const inputs = ['package-lock.json', 'tsconfig.base.json', '.swcrc', 'tools/build.mjs', ...files];
  const contents = await Promise.all(inputs.map((file) => readFile(join(root, file)).catch(ignoreMissing)));
  inputs.forEach((file, index) => hash.update(`\0${file}\0`).update(Buffer.from(contents[index])));
  return hash.digest('hex');
}

async function currentStamp(root) {
  return readFile(join(root, 'dist', STAMP), 'utf8').catch(() => undefined);
}

/** Compiles into a new folder and swaps it in whole, so that no process ever sees half a tree. */
async function compileInto(root, files, stamp) {
  const fresh = join(root, `dist.new-${process.pid}`);
  const former = join(root, `dist.old-${process.pid}`);
  try {
    await compileAll(root, files, fresh);
    await writeFile(join(fresh, STAMP), stamp);
    await rename(join(root, 'dist'), former).catch(ignoreMissing);
    await rename(fresh, join(root, 'dist'));
  } finally {
    await rm(fresh, { recursive: true, force: true });
    await rm(former, { recursive: true, force: true });
  }
}

async function compileAll(root, files, target) {
  const { transformFile } = await import('@swc/core');
  const options = await compilerOptions(root);
  const folders = new Set(files.map((file) => dirname(join(target, file))));
  await Promise.all([...folders].map((folder) => mkdir(folder, { recursive: true })));
  const outcomes = await Promise.all(
    files.map(async (file) => {
      const source = join(root, file);
      if (!file.endsWith('.ts')) return copyFile(source, join(target, file));
      const compiled = await transformFile(source, options).catch((error) => error);
      if (compiled instanceof Error) return sentenceOf(compiled, file);
      return writeFile(join(target, file.replace(/\.ts$/, '.js')), compiled.code);
    }),
  );
  const failures = outcomes.filter((outcome) => outcome !== undefined);
  if (failures.length > 0) throw new PlainError(`The build failed.\n${failures.join('\n')}`);
}

async function compilerOptions(root) {
  const swc = JSON.parse(await readFile(join(root, '.swcrc'), 'utf8'));
  const { compilerOptions } = JSON.parse(await readFile(join(root, 'tsconfig.base.json'), 'utf8'));
  delete swc.$schema;
  return {
    ...swc,
    swcrc: false,
    jsc: { ...swc.jsc, baseUrl: root, paths: compilerOptions.paths },
    module: { type: 'es6', resolveFully: true },
  };
}

/** `file:line:column: reason` out of swc's drawing of the error. */
function sentenceOf(error, file) {
  // swc draws with colours and boxes; the reason follows a cross, the place stands in brackets.
  const text = error.message.replace(/\u001b\[[0-9;]*m/g, '');
  const reason = /^\s*[x×]\s+(.+)$/m.exec(text)?.[1] ?? text.split('\n')[0];
  const place = /\[[^\]]*?:(\d+:\d+)\]/.exec(text)?.[1];
  return `${file}${place === undefined ? '' : `:${place}`}: ${reason}`;
}

function ignoreMissing(error) {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
  throw error;
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  build().then(
    ({ built, files }) => process.stdout.write(built ? `Built ${files} files.\n` : 'The build is up to date.\n'),
    reportFailure,
  );
}
