/** Every path of this repository that a page names exists: inline code and relative links are looked up. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { reportFailure, PlainError } from './plain-error.mjs';

/** A word in inline code is a path of ours when it begins with a top-level folder, or names a top-level file. */
const TOP_LEVEL_FOLDER = /^(apps|libs|proto|deploy|docs|tools|[.]ci)\//;
const TOP_LEVEL_FILE = /^[A-Za-z][\w-]*[.](md|json|mjs|ya?ml)$/;
const MADE_AT_RUN_TIME = new Set(['dev.json', 'openapi.json']);
const PLACEHOLDER = /[<>*{}$…]|\.\.\./;

function pagesOf() {
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.md'], { encoding: 'utf8' });
  return files.split('\n').filter((file) => file !== '' && existsSync(file));
}

/** The paths a page names, as paths from the repository's root. */
function pathsNamedIn(page) {
  const text = readFileSync(page, 'utf8').replace(/^```[\s\S]*?^```/gm, '');
  const code = [...text.matchAll(/`([^`\n]+)`/g)].flatMap((match) => match[1].split(/\s+/));
  const inCode = code.filter(
    (word) => TOP_LEVEL_FOLDER.test(word) || (TOP_LEVEL_FILE.test(word) && !MADE_AT_RUN_TIME.has(word)),
  );
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]);
  const inLinks = links.filter((link) => !/^([a-z]+:|#|\/)/.test(link)).map((link) => join(dirname(page), link));
  return [...inCode, ...inLinks].map((path) => normalize(path.replace(/#.*$|:\d+$/, '').replace(/[.,;:]$/, '')));
}

function main() {
  const missing = pagesOf().flatMap((page) =>
    pathsNamedIn(page)
      .filter((path) => !PLACEHOLDER.test(path) && !existsSync(path) && !existsSync(join(dirname(page), path)))
      .map((path) => `${page} names ${path}, which does not exist.`),
  );
  if (missing.length > 0) throw new PlainError(missing.join('\n'));
}

try {
  main();
} catch (error) {
  reportFailure(error);
}
