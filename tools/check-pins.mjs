/** Two installs give the same tree: every version is exact and the lock file is the one of package.json. */
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { PlainError, reportFailure } from './plain-error.mjs';

const GROUPS = ['dependencies', 'devDependencies', 'optionalDependencies'];
const EXACT = /^\d+\.\d+\.\d+(-[\w.]+)?$/;

function main() {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
  const locked = JSON.parse(readFileSync('package-lock.json', 'utf8')).packages[''];
  const wanted = GROUPS.flatMap((group) => Object.entries(manifest[group] ?? {}));
  const loose = wanted.filter(([, version]) => !EXACT.test(version)).map(([name, version]) => `${name}@${version}`);
  if (loose.length > 0)
    throw new PlainError(`Not an exact version: ${loose.join(', ')}. Write the one that is installed.`);
  const differing = GROUPS.filter((group) => !isDeepStrictEqual(manifest[group] ?? {}, locked[group] ?? {}));
  if (differing.length === 0) return;
  throw new PlainError(`package-lock.json has other ${differing.join(', ')} than package.json: run \`npm install\`.`);
}

try {
  main();
} catch (error) {
  reportFailure(error);
}
