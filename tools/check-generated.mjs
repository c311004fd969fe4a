/** Generates the protocol code into a temporary folder and compares it with the committed one. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PlainError, reportFailure } from './plain-error.mjs';

const GENERATED = 'libs/contracts/runner-protocol/src/generated';

/** Relative path → content of every file below `folder`. */
function contentsOf(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  return new Map(paths.map((path) => [path.slice(folder.length + 1), readFileSync(path, 'utf8')]));
}

function main() {
  const temporary = mkdtempSync(join(tmpdir(), 'millrace-generated-'));
  try {
    execFileSync('node_modules/.bin/buf', ['generate', '--output', temporary], { stdio: 'inherit' });
    const fresh = contentsOf(join(temporary, GENERATED));
    const committed = contentsOf(GENERATED);
    const names = new Set([...fresh.keys(), ...committed.keys()]);
    const stale = [...names].filter((name) => fresh.get(name) !== committed.get(name));
    if (stale.length === 0) return;
    throw new PlainError(`Not what proto/ says: ${stale.join(', ')} in ${GENERATED}. Run \`npm run generate\`.`);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

try {
  main();
} catch (error) {
  reportFailure(error);
}
