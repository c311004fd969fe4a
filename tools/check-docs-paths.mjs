/** Every path of this repository that a page names exists: inline code and relative links are looked up. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { reportFailure, PlainError } from './plain-error.mjs';

/** A word in inline code is a path of ours when it begins with a top-level folder, or names a file without its folder. */
const TOP_LEVEL_FOLDER = /^(apps|libs|proto|deploy|docs|tools|[.]ci)\//;
const FILE_NAME = /^[A-Za-z][\w-]*[.](md|json|mjs|ya?ml)$/;
const MADE_AT_RUN_TIME = new Set(['dev.json', 'openapi.json']);
const PLACEHOLDER = /[<>*{}$…]|\.\.\./;

function filesOfRepository() {
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { encoding: 'utf8' });
  return files.split('\n').filter((file) => file !== '' && existsSync(file));
}

/** The paths a page names, as paths from the repository's root. */
function pathsNamedIn(page) {
  const text = readFileSync(page, 'utf8').replace(/^```[\s\S]*?^```/gm, '');
  const code = [...text.matchAll(/`([^`\n]+)`/g)].flatMap((match) => match[1].split(/\s+/));
  const inCode = code.filter(
    (word) => TOP_LEVEL_FOLDER.test(word) || (FILE_NAME.test(word) && !MADE_AT_RUN_TIME.has(word)),
  );
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]);
  const inLinks = links.filter((link) => !/^([a-z]+:|#|\/)/.test(link)).map((link) => join(dirname(page), link));
  return [...inCode, ...inLinks].map((path) => normalize(path.replace(/#.*$|:\d+$/, '').replace(/[.,;:]$/, '')));
}

function main() {
  const files = filesOfRepository();
  const names = new Set(files.map((file) => basename(file)));
  const exists = (path, page) => existsSync(path) || existsSync(join(dirname(page), path)) || names.has(path);
  const pages = files.filter((file) => file.endsWith('.md'));
  const missing = pages.flatMap((page) =>
    pathsNamedIn(page)
      .filter((path) => !PLACEHOLDER.test(path) && !exists(path, page))
      .map((path) => `${page} names ${path}, which does not exist.`),
  );
  if (missing.length > 0) throw new PlainError(missing.join('\n'));
}

try {
  main();
} catch (error) {
  reportFailure(error);
}
