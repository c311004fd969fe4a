/**
 * The entry of every command: checks Node, installs what is missing, builds, and runs the command line.
 * Nothing here needs more than Node 12, so that an old one gets as far as its message.
 */
import { dirname } from 'path';
import { fileURLToPath } from 'url';
import { checkNode } from './check-node.mjs';
import { reportFailure } from './plain-error.mjs';

async function main() {
  checkNode(process.versions.node);
  const { installMissing } = await import('./install.mjs');
  const { build } = await import('./build.mjs');
  await installMissing();
  const { built, files } = await build();
  if (built) process.stderr.write(`Built ${files} files\n`);
  const { runCommandLine } = await import('../dist/apps/cli/src/main.js');
  await runCommandLine(process.argv, dirname(dirname(fileURLToPath(import.meta.url))));
}

main().catch(reportFailure);
