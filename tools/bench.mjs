/** `npm run bench`: installs and builds what is missing, then measures; the bench itself is apps/bench. */
import './require-node.mjs';
import { dirname } from 'node:path';
import { build } from './build.mjs';
import { installMissing } from './install.mjs';
import { reportFailure } from './plain-error.mjs';

async function main() {
  await installMissing({ dev: true });
  await build();
  const { runBench } = await import('../dist/apps/bench/src/main.js');
  await runBench(process.argv, dirname(import.meta.dirname));
}

main().catch(reportFailure);
